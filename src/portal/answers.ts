/**
 * What `/api/**` answers: the contract between the server and the page, and whoever scripts against it. The types are the
 * schemas', and the OpenAPI document is made of these; what administrators alone see is in `administration-answers.ts`.
 */
import * as z from 'zod';
import { EVENT_KINDS, GENERATIONS, INVENTORY_PARTS } from '../core/event.ts';
import { heartbeatSchema } from './device-schema.ts';
import { capsuleEventSchema, inventorySchema, workspaceSchema } from './event-schema.ts';
import {
  chainHeadSchema,
  heldItemSchema,
  holderSchema,
  hourSumSchema,
  keptChangeSchema,
  newValueSchema,
} from './observed.ts';
import { severitySchema } from './policies/policy.ts';
import { roleSchema } from './role-schema.ts';

export const meAnswerSchema = z.object({
  organisation: z.string(),
  account: z.string(),
  role: roleSchema,
  signedInBy: z.enum(['session', 'key', 'own-session']),
  /** The one device whose data is shown; null: the organisation's. */
  device: z.string().nullable(),
  hasPassword: z.boolean(),
  portal: z.object({ name: z.string(), version: z.string() }),
});
export type MeAnswer = z.infer<typeof meAnswerSchema>;

/** A text that was cut for display: where, as a JSON Pointer into the event, and its whole length in UTF-8 bytes. */
export const cutSchema = z.object({ field: z.string(), bytes: z.number() });
export type Cut = z.infer<typeof cutSchema>;

/** An event as lists show it; `cut` is absent when nothing was. */
export const listedEventSchema = z.intersection(
  capsuleEventSchema,
  z.object({ cut: z.array(cutSchema).exactOptional() }),
);
export type ListedEvent = z.infer<typeof listedEventSchema>;

/** Beyond 10,000 nobody counts on: then `exact` is false. */
export const countsAnswerSchema = z.object({
  count: z.number(),
  exact: z.boolean(),
  /** When the time for counting ran out: down to here everything was looked at. */
  searchedTo: z.string().nullable(),
  /** Oldest first, without empty bars; each is `barMs` long. */
  histogram: z.object({
    barMs: z.number(),
    bars: z.array(z.object({ start: z.string(), events: z.number(), failures: z.number() })),
    searchedTo: z.string().nullable(),
  }),
  /** The newest event of all, whatever the filter. */
  newest: z.string().nullable(),
  misunderstood: z.array(z.string()),
});
export type CountsAnswer = z.infer<typeof countsAnswerSchema>;

/** Where the words of a search stand in an event; `marks` are UTF-16 positions in `text`, a piece of the event's text. */
export const searchHitSchema = z.object({
  event: z.string(),
  kind: z.enum(EVENT_KINDS),
  time: z.string(),
  turn: z.number().nullable(),
  field: z.enum(['prompt', 'response', 'arguments', 'result']),
  text: z.string(),
  marks: z.array(z.tuple([z.number(), z.number()])),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

export const sessionSummarySchema = z.object({
  id: z.string(),
  device: z.object({ id: z.string(), name: z.string(), user: z.string() }),
  generation: z.enum(GENERATIONS),
  title: z.string().nullable(),
  /** The beginning of the first prompt, to tell untitled sessions apart. */
  firstPrompt: z.string().nullable(),
  mode: z.string().nullable(),
  model: z.string().nullable(),
  kiroVersion: z.string().nullable(),
  workspace: workspaceSchema.nullable(),
  startedAt: z.string(),
  lastEventAt: z.string(),
  /** The newest turn has not ended as far as we know. */
  open: z.boolean(),
  turns: z.number(),
  prompts: z.number(),
  responses: z.number(),
  reasonings: z.number(),
  tools: z.number(),
  toolFailures: z.number(),
  /** How many events never reached the portal, as their agent reported. */
  lost: z.number(),
  credits: z.number().nullable(),
  /** Sum of the turns' durations, in ms. */
  durationMs: z.number().nullable(),
  events: z.number(),
  /** Those that nobody has settled yet. */
  detections: z.number(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export const searchGroupSchema = z.object({
  session: sessionSummarySchema,
  /** The best three. */
  hits: z.array(searchHitSchema),
  matches: z.number(),
});
export type SearchGroup = z.infer<typeof searchGroupSchema>;

/** What every list says beside its rows. */
export const listAnswerSchema = z.object({
  next: z.string().nullable(),
  /** Parts of the query that were left out, because they were not understood. */
  misunderstood: z.array(z.string()),
});
export type ListAnswer = z.infer<typeof listAnswerSchema>;

export const searchAnswerSchema = z.object({
  ...listAnswerSchema.shape,
  groups: z.array(searchGroupSchema),
  /** How many events the words were found in, of those looked at here. */
  matches: z.number(),
  searchedTo: z.string().nullable(),
});
export type SearchAnswer = z.infer<typeof searchAnswerSchema>;

export const facetsAnswerSchema = z.object({ values: z.array(z.object({ value: z.string(), label: z.string() })) });
export type FacetsAnswer = z.infer<typeof facetsAnswerSchema>;

/** Sums over time, as charts draw them; oldest first. */
export const hoursAnswerSchema = z.object({
  hours: z.array(hourSumSchema),
  /** How long a time each sum is of. */
  stepMs: z.number(),
  misunderstood: z.array(z.string()),
});
export type HoursAnswer = z.infer<typeof hoursAnswerSchema>;

export const agentStateSchema = z.enum(['reporting', 'quiet', 'missing', 'needs-attention', 'waiting', 'revoked']);
export type AgentState = z.infer<typeof agentStateSchema>;

export const overviewAnswerSchema = z.object({
  states: z.partialRecord(agentStateSchema, z.number()),
  /** Of the last seven days. */
  hours: z.array(z.object({ start: z.string(), events: z.number(), failures: z.number() })),
  /** First seen in the last seven days, newest first; at most 20. */
  fresh: z.array(newValueSchema),
  /** How much of each part of the inventories changed in the last seven days. */
  changes: z.partialRecord(z.enum(INVENTORY_PARTS), z.number()),
  /** Not settled, by severity. */
  detections: z.partialRecord(severitySchema, z.number()),
  newest: z.string().nullable(),
});
export type OverviewAnswer = z.infer<typeof overviewAnswerSchema>;

export const heldAnswerSchema = z.object({ items: z.array(heldItemSchema) });
export type HeldAnswer = z.infer<typeof heldAnswerSchema>;

export const holdersAnswerSchema = z.object({ holders: z.array(holderSchema) });
export type HoldersAnswer = z.infer<typeof holdersAnswerSchema>;

export const changesAnswerSchema = z.object({ changes: z.array(keptChangeSchema), next: z.string().nullable() });
export type ChangesAnswer = z.infer<typeof changesAnswerSchema>;

/** Where the chain ends now; null before its first link. */
export const chainAnswerSchema = z.object({ head: chainHeadSchema.nullable() });
export type ChainAnswer = z.infer<typeof chainAnswerSchema>;

export const eventsAnswerSchema = z.object({
  ...listAnswerSchema.shape,
  events: z.array(listedEventSchema),
  /** The time for looking ran out: everything down to here was looked at, and `next` goes on; null otherwise. */
  searchedTo: z.string().nullable(),
});
export type EventsAnswer = z.infer<typeof eventsAnswerSchema>;

export const eventAnswerSchema = z.object({
  event: capsuleEventSchema,
  receivedAt: z.string(),
  /** Its place in the organisation's chain; null for what was stored before there was one. */
  position: z.number().nullable(),
});
export type EventAnswer = z.infer<typeof eventAnswerSchema>;

export const agentSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  user: z.string(),
  os: z.enum(['darwin', 'linux', 'win32']),
  agentVersion: z.string(),
  kiro: heartbeatSchema.shape.kiro,
  state: agentStateSchema,
  /** Why it needs attention, in the agent's own words; null otherwise. */
  attention: z.string().nullable(),
  enrolledAt: z.string(),
  /** When it last sent anything, by the portal's clock. */
  lastSeenAt: z.string().nullable(),
  /** Of its newest event, by Kiro's clock. */
  lastEventAt: z.string().nullable(),
  attachments: heartbeatSchema.shape.attachments.nullable(),
  /** Of the latest session; null before the first. */
  inventory: z.object({ mcpServers: z.number(), skills: z.number(), steering: z.number() }).nullable(),
  events: z.number(),
});
export type AgentSummary = z.infer<typeof agentSummarySchema>;

export const agentsAnswerSchema = z.object({
  ...listAnswerSchema.shape,
  agents: z.array(agentSummarySchema),
  /** How many the filter asks for; by state as if the filter asked for none. */
  total: z.number(),
  states: z.partialRecord(agentStateSchema, z.number()),
});
export type AgentsAnswer = z.infer<typeof agentsAnswerSchema>;

/** Most first. `seen`: heard within the hour, within the day but not the hour, and so on; `older` or never. */
export const agentSpreadAnswerSchema = z.object({
  versions: z.array(z.object({ version: z.string(), agents: z.number() })),
  kiro: z.array(z.object({ generation: z.string(), version: z.string().nullable(), agents: z.number() })),
  seen: z.object({ hour: z.number(), day: z.number(), week: z.number(), older: z.number() }),
  misunderstood: z.array(z.string()),
});
export type AgentSpreadAnswer = z.infer<typeof agentSpreadAnswerSchema>;

export const agentAnswerSchema = z.object({
  agent: agentSummarySchema.extend({
    heartbeat: heartbeatSchema.nullable(),
    /** When the newest credential of this device ends. */
    credentialEndsAt: z.string().nullable(),
    latestInventory: z.object({ time: z.string(), session: z.string(), body: inventorySchema }).nullable(),
    /** The last `diagnose --probe` that arrived here. */
    lastProbe: z.object({ id: z.string(), time: z.string() }).nullable(),
  }),
});
export type AgentAnswer = z.infer<typeof agentAnswerSchema>;

export const sessionsAnswerSchema = z.object({ ...listAnswerSchema.shape, sessions: z.array(sessionSummarySchema) });
export type SessionsAnswer = z.infer<typeof sessionsAnswerSchema>;

export const sessionAnswerSchema = z.object({ session: sessionSummarySchema });
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;

export const turnSummarySchema = z.object({
  id: z.string(),
  index: z.number().nullable(),
  startedAt: z.string(),
  /** null while the turn runs. */
  endedAt: z.string().nullable(),
  reason: z.string().nullable(),
  durationMs: z.number().nullable(),
  credits: z.number().nullable(),
  tools: z.number(),
  toolFailures: z.number(),
  events: z.number(),
});
export type TurnSummary = z.infer<typeof turnSummarySchema>;

/** `turn` is null for an event that belongs to no turn (a session's start, a gap). */
export const timelineEntrySchema = z.object({
  turn: turnSummarySchema.nullable(),
  events: z.array(listedEventSchema),
  /** Events of this turn that were left out because the turn is very long; `/api/events?turn=` lists them. */
  omitted: z.number(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

export const turnsAnswerSchema = z.object({
  turns: z.array(timelineEntrySchema),
  /** Position of the first entry of this page, counted from 0, and how many there are in all. */
  first: z.number(),
  total: z.number(),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
export type TurnsAnswer = z.infer<typeof turnsAnswerSchema>;

export const matchesAnswerSchema = z.object({
  /** In the timeline's order. */
  matches: z.array(z.object({ event: z.string(), kind: z.enum(EVENT_KINDS), turn: z.number().nullable() })),
  /** How many of the session's entries were looked at by now, of how many. */
  searched: z.number(),
  total: z.number(),
  next: z.string().nullable(),
});
export type MatchesAnswer = z.infer<typeof matchesAnswerSchema>;

/** What policies see of an event beside itself, under `event.facts`. */
export const factsAnswerSchema = z.object({ facts: z.record(z.string(), z.unknown()) });
export type FactsAnswer = z.infer<typeof factsAnswerSchema>;

/** `agents` and `sessions` name what changed; the page asks for the rest itself. */
export const streamMessageSchema = z.object({
  events: z.number(),
  /** New or changed ones. */
  detections: z.number().exactOptional(),
  sessions: z.array(z.string()),
  agents: z.array(z.string()),
});
export type StreamMessage = z.infer<typeof streamMessageSchema>;
