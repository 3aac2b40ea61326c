import * as z from 'zod';
import { INVENTORY_PARTS } from '../../core/event.ts';
import {
  agentAnswerSchema,
  agentSpreadAnswerSchema,
  agentsAnswerSchema,
  chainAnswerSchema,
  changesAnswerSchema,
  countsAnswerSchema,
  eventAnswerSchema,
  eventsAnswerSchema,
  facetsAnswerSchema,
  factsAnswerSchema,
  heldAnswerSchema,
  holdersAnswerSchema,
  hoursAnswerSchema,
  matchesAnswerSchema,
  overviewAnswerSchema,
  searchAnswerSchema,
  sessionAnswerSchema,
  sessionsAnswerSchema,
  turnsAnswerSchema,
} from '../answers.ts';
import { contentSchema } from '../events-api.ts';
import { formatSchema } from '../export/export-api.ts';
import { sessionFormatSchema } from '../export/session-export.ts';
import { AGENT_GRAMMAR, EVENT_GRAMMAR, SESSION_GRAMMAR } from '../filter/grammar.ts';
import { facetSchema, nameSchema } from '../observation-api.ts';
import { pageSchema } from '../query.ts';
import { matchesSchema } from '../session-matches-api.ts';
import { turnsSchema } from '../sessions-api.ts';
import type { Operations } from './operation.ts';

/** What was captured, and on which machines. */
export const OBSERVING_OPERATIONS: Operations = {
  'GET /api/events': {
    summary: 'Events, newest first; long texts are cut unless content=full',
    query: pageSchema.extend(contentSchema.shape),
    filters: EVENT_GRAMMAR,
    answer: eventsAnswerSchema,
  },
  'GET /api/events/:id': {
    summary: 'An event, whole; 410 when retention has removed it',
    answer: eventAnswerSchema,
  },
  'GET /api/events/:id/facts': {
    summary: 'What policies see of an event under event.facts',
    answer: factsAnswerSchema,
  },
  'GET /api/counts': {
    summary: 'How many events a filter asks for, and how many by hour',
    filters: EVENT_GRAMMAR,
    answer: countsAnswerSchema,
  },
  'GET /api/facets': {
    summary: 'Known values of a field of the filters, latest seen first',
    query: facetSchema,
    answer: facetsAnswerSchema,
  },
  'GET /api/hours': {
    summary: 'Sums by hour or day, kind and tool',
    filters: EVENT_GRAMMAR,
    answer: hoursAnswerSchema,
  },
  'GET /api/overview': { summary: 'What the front page shows', answer: overviewAnswerSchema },
  'GET /api/search': {
    summary: 'Sessions in which every word of q occurs in one event',
    query: pageSchema,
    filters: EVENT_GRAMMAR,
    answer: searchAnswerSchema,
  },
  'GET /api/chain': { summary: 'Where the chain over events and acts ends now', answer: chainAnswerSchema },
  'GET /api/metrics': { summary: "The portal's figures, for Prometheus", answer: 'text/plain' },
  'GET /api/stream': {
    summary: 'Server-sent events that say what changed (StreamMessage)',
    answer: 'text/event-stream',
  },
  'GET /api/inventory/:id': {
    summary: 'What agents have now of a part of the inventory; with name, who has that',
    id: z.enum(INVENTORY_PARTS),
    query: nameSchema,
    answer: z.union([heldAnswerSchema, holdersAnswerSchema]),
  },
  'GET /api/agents': {
    summary: 'Agents, by user unless sorted otherwise',
    query: pageSchema,
    filters: AGENT_GRAMMAR,
    answer: agentsAnswerSchema,
  },
  'GET /api/agents/spread': {
    summary: 'How agents spread over versions and over when they were last heard',
    filters: AGENT_GRAMMAR,
    answer: agentSpreadAnswerSchema,
  },
  'GET /api/agents/:id': { summary: 'An agent', answer: agentAnswerSchema },
  'GET /api/agents/:id/changes': {
    summary: 'What changed in its configuration, newest first',
    query: pageSchema,
    answer: changesAnswerSchema,
  },
  'GET /api/sessions': {
    summary: 'Sessions, latest activity first unless sorted otherwise',
    query: pageSchema,
    filters: SESSION_GRAMMAR,
    answer: sessionsAnswerSchema,
  },
  'GET /api/sessions/:id': { summary: 'A session', answer: sessionAnswerSchema },
  'GET /api/sessions/:id/turns': {
    summary: "A session's turns with their events, oldest first",
    query: turnsSchema,
    answer: turnsAnswerSchema,
  },
  'GET /api/sessions/:id/matches': {
    summary: "The events of a session in which every word of q occurs, in the timeline's order",
    query: matchesSchema,
    answer: matchesAnswerSchema,
  },
  'GET /api/sessions/:id/export': {
    summary: 'Every event of a session, oldest first, as JSON Lines or Markdown',
    query: sessionFormatSchema,
    answer: 'application/x-ndjson',
  },
  'GET /api/exports/:id': {
    summary: 'Every row of a list as JSON Lines or CSV; refuses what is not understood of the filter',
    id: z.enum(['events', 'sessions', 'agents', 'detections']),
    query: formatSchema,
    answer: 'application/x-ndjson',
  },
};
