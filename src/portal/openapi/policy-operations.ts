import * as z from 'zod';
import { changeSchema as detectionChange, manySchema } from '../detections-api.ts';
import { doneAnswerSchema } from '../device-answers.ts';
import { DETECTION_GRAMMAR } from '../filter/grammar.ts';
import {
  changedDetectionsAnswerSchema,
  contextAnswerSchema,
  detectionTimesAnswerSchema,
  madeWebhookAnswerSchema,
  problemsAnswerSchema,
  testAnswerSchema,
  triedAnswerSchema,
} from '../policies/policy-answers.ts';
import {
  deliveriesAnswerSchema,
  detectionAnswerSchema,
  detectionCountsAnswerSchema,
  detectionGroupsAnswerSchema,
  detectionsAnswerSchema,
  policiesAnswerSchema,
  policyAnswerSchema,
  runAnswerSchema,
  webhooksAnswerSchema,
} from '../policies/records.ts';
import { draftSchema, changeSchema as policyChange, ruleSchema, trySchema } from '../policies-api.ts';
import { dryRunSchema, judgeSchema } from '../policy-runs-api.ts';
import { pageSchema } from '../query.ts';
import { madeStreamAnswerSchema, streamSecretAnswerSchema, streamsAnswerSchema } from '../siem/stream.ts';
import { changeSchema as streamChange, draftSchema as streamDraftSchema } from '../siem/streams-api.ts';
import { switchSchema, bodySchema as webhookSchema } from '../webhooks-api.ts';
import type { Operations } from './operation.ts';

const onePolicy = policyAnswerSchema.pick({ policy: true });

/** Policies, what they found, and who is told. */
export const POLICY_OPERATIONS: Operations = {
  'GET /api/policies': { summary: 'All policies', answer: policiesAnswerSchema },
  'POST /api/policies': { summary: 'Makes a policy', body: draftSchema, status: 201, answer: onePolicy },
  'POST /api/policies/check': {
    summary: 'What is wrong with a rule',
    body: ruleSchema,
    answer: problemsAnswerSchema,
  },
  'POST /api/policies/try': {
    summary: 'What a rule says of one stored event',
    body: trySchema,
    answer: triedAnswerSchema,
  },
  'GET /api/policies/:id': { summary: 'A policy, with every version it had', answer: policyAnswerSchema },
  'PATCH /api/policies/:id': {
    ...{ summary: 'A new version of a policy', body: policyChange, versioned: true, answer: onePolicy },
  },
  'DELETE /api/policies/:id': { summary: 'Removes a policy', versioned: true, answer: doneAnswerSchema },
  'POST /api/policies/:id/dry-run': {
    summary: 'Begins to look what a rule would find among stored events; :id may be new',
    ...{ body: dryRunSchema, status: 202, answer: runAnswerSchema },
  },
  'POST /api/policies/:id/judge': {
    summary: 'Begins to judge stored events by the policy as it is stored',
    ...{ body: judgeSchema, status: 202, answer: runAnswerSchema },
  },
  'GET /api/policy-runs/:id': { summary: 'How far a look back is', answer: runAnswerSchema },
  'DELETE /api/policy-runs/:id': { summary: 'Ends a look back', answer: doneAnswerSchema },
  'GET /api/detections': {
    summary: 'Detections, newest first, or the worst first with sort=-severity; groups of them with view=groups',
    query: pageSchema.extend({ view: z.enum(['groups']).exactOptional() }),
    filters: DETECTION_GRAMMAR,
    answer: z.union([detectionsAnswerSchema, detectionGroupsAnswerSchema]),
  },
  'GET /api/detections/times': {
    summary: 'How many of each severity over time, and which policies found the most',
    filters: DETECTION_GRAMMAR,
    answer: detectionTimesAnswerSchema,
  },
  'GET /api/detections/counts': { summary: 'How many, by state and severity', answer: detectionCountsAnswerSchema },
  'POST /api/detections/changes': {
    summary: 'One change to up to 500 detections',
    body: manySchema,
    answer: changedDetectionsAnswerSchema,
  },
  'GET /api/detections/:id': { summary: 'A detection, with its history', answer: detectionAnswerSchema },
  'GET /api/detections/:id/context': {
    summary: 'The events it rests on, and why it was found',
    answer: contextAnswerSchema,
  },
  'PATCH /api/detections/:id': {
    summary: 'State, assignee, note',
    ...{ body: detectionChange, versioned: true, answer: detectionAnswerSchema },
  },
  'GET /api/webhooks': { summary: 'Who is told of detections', answer: webhooksAnswerSchema },
  'POST /api/webhooks': {
    summary: 'Has somebody told: https://… gets signed notices, mailto:… a mail',
    ...{ body: webhookSchema, status: 201, answer: madeWebhookAnswerSchema },
  },
  'PATCH /api/webhooks/:id': { summary: 'On or off', body: switchSchema, answer: doneAnswerSchema },
  'DELETE /api/webhooks/:id': { summary: 'Removes it', answer: doneAnswerSchema },
  'GET /api/webhooks/:id/deliveries': { summary: 'Its last notices', answer: deliveriesAnswerSchema },
  'POST /api/webhooks/:id/test': { summary: 'Sends a test now', answer: testAnswerSchema },
  'GET /api/siem-streams': { summary: 'Where events and detections are sent', answer: streamsAnswerSchema },
  'POST /api/siem-streams': {
    summary: 'Has events and detections sent, by syslog or over HTTP',
    ...{ body: streamDraftSchema, status: 201, answer: madeStreamAnswerSchema },
  },
  'PATCH /api/siem-streams/:id': {
    summary: 'Name, address, format, filter, on or off; it goes on where it was',
    ...{ body: streamChange, answer: doneAnswerSchema },
  },
  'POST /api/siem-streams/:id/secret': {
    summary: 'Another secret to sign by, told this once',
    answer: streamSecretAnswerSchema,
  },
  'DELETE /api/siem-streams/:id': { summary: 'Removes it', answer: doneAnswerSchema },
  'POST /api/siem-streams/:id/test': { summary: 'Sends a test now', answer: testAnswerSchema },
};
