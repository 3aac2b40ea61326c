import * as z from 'zod';
import {
  batchAnswerSchema,
  credentialAnswerSchema,
  doneAnswerSchema,
  healthAnswerSchema,
  upgradeAnswerSchema,
} from '../device-answers.ts';
import { enrolmentSchema, heartbeatSchema } from '../device-schema.ts';
import { capsuleEventSchema } from '../event-schema.ts';
import { MAX_EVENTS } from '../ingest.ts';
import { querySchema as upgradeQuery } from '../installers/upgrade-api.ts';
import type { Operations } from './operation.ts';

/** What agents ask. */
export const DEVICE_OPERATIONS: Operations = {
  'POST /v1/enroll': {
    summary: 'Enrols a device: answers its credential',
    body: enrolmentSchema,
    answer: credentialAnswerSchema,
  },
  'POST /v1/events': {
    summary: 'Stores events; gzip and zstd allowed. Sending the same again stores nothing twice',
    body: z.object({ events: z.array(capsuleEventSchema).max(MAX_EVENTS) }),
    answer: batchAnswerSchema,
  },
  'POST /v1/heartbeat': {
    summary: 'What a device says of itself every 15 minutes and on change',
    body: heartbeatSchema,
    answer: doneAnswerSchema,
  },
  'POST /v1/renew': { summary: 'Another credential for the same device', answer: credentialAnswerSchema },
  'GET /v1/install/:id': {
    summary: 'The installer, with the enrolment code that asks for it inside',
    id: z.enum(['kiro.sh', 'kiro.ps1']),
    answer: 'text/plain',
  },
  'GET /v1/download/:id': { summary: 'An executable, by its name', answer: 'application/octet-stream' },
  'GET /v1/upgrade': {
    summary: 'Which executable this portal hands out for a system, signed',
    query: upgradeQuery,
    answer: upgradeAnswerSchema,
  },
  'GET /api/health': { summary: 'Whether the portal answers', answer: healthAnswerSchema },
};
