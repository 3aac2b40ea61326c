import {
  auditAnswerSchema,
  installerAnswerSchema,
  installersAnswerSchema,
  linkAnswerSchema,
  madeInstallerAnswerSchema,
  madeKeyAnswerSchema,
  membersAnswerSchema,
  retentionAnswerSchema,
  retentionPreviewAnswerSchema,
  revokedInstallerAnswerSchema,
  tokensAnswerSchema,
} from '../administration-answers.ts';
import { tokensQuerySchema } from '../administration-api.ts';
import { meAnswerSchema } from '../answers.ts';
import { doneAnswerSchema } from '../device-answers.ts';
import { formatSchema } from '../export/export-api.ts';
import { ACT_GRAMMAR } from '../filter/grammar.ts';
import { choicesSchema, revokeSchema } from '../installers/installers-api.ts';
import { askedRingsSchema, ringsAnswerSchema } from '../installers/rings-schema.ts';
import { keySchema, changeSchema as memberChange, memberSchema, passwordSchema } from '../members-api.ts';
import { linkSchema as ownLinkSchema } from '../own-view/own-link-api.ts';
import { pageSchema } from '../query.ts';
import { retentionSchema } from '../retention-api.ts';
import { bodySchema as signInSchema } from '../sign-in.ts';
import type { Operations } from './operation.ts';

/** Who may sign in, what was given out, what was done. */
export const ADMINISTRATION_OPERATIONS: Operations = {
  'GET /api/openapi.json': { summary: 'This document', answer: 'application/json' },
  'POST /api/sign-in': {
    summary: 'Signs in by a one-time link or a password; answers with the session cookie',
    body: signInSchema,
    answer: doneAnswerSchema,
  },
  'POST /api/sign-out': { summary: 'Ends the session', answer: doneAnswerSchema },
  'GET /api/me': { summary: 'Who asks', answer: meAnswerSchema },
  'POST /api/me/password': { summary: 'Chooses a password', body: passwordSchema, answer: doneAnswerSchema },
  'GET /api/members': { summary: 'Everybody who may sign in', answer: membersAnswerSchema },
  'POST /api/members': { summary: 'A sign-in link for an account', body: memberSchema, answer: linkAnswerSchema },
  'PATCH /api/members/:id': { summary: 'Role, or shut out', body: memberChange, answer: doneAnswerSchema },
  'POST /api/keys': { summary: 'Makes an API key', body: keySchema, answer: madeKeyAnswerSchema },
  'GET /api/tokens': {
    summary: 'What was given out, newest first, without the values',
    query: tokensQuerySchema.extend(pageSchema.shape),
    answer: tokensAnswerSchema,
  },
  'POST /api/tokens/:id/revoke': { summary: 'Takes one back', answer: doneAnswerSchema },
  'GET /api/installers': { summary: 'Installers, newest first', answer: installersAnswerSchema },
  'POST /api/installers': {
    summary: 'Makes an installer',
    body: choicesSchema,
    answer: madeInstallerAnswerSchema,
  },
  'GET /api/installers/:id': { summary: 'An installer', answer: installerAnswerSchema },
  'POST /api/installers/:id/revoke': {
    summary: 'Takes it back, with agents: true those that enrolled by it, too',
    body: revokeSchema,
    answer: revokedInstallerAnswerSchema,
  },
  'POST /api/agents/:id/own-link': {
    summary: 'A link by which whoever works at a device sees what it has sent',
    body: ownLinkSchema,
    answer: linkAnswerSchema,
  },
  'GET /api/upgrade-rings': {
    summary: 'Which agents may take which version, and how far each ring is',
    answer: ringsAnswerSchema,
  },
  'PATCH /api/upgrade-rings': {
    summary: 'Lays that down, in place of what was before',
    body: askedRingsSchema,
    answer: ringsAnswerSchema,
  },
  'POST /api/upgrade-rings/:id/resume': {
    summary: 'Has a version (`id`) offered again that was halted because it failed',
    answer: ringsAnswerSchema,
  },
  'GET /api/retention': { summary: 'For how many days events are kept', answer: retentionAnswerSchema },
  'PATCH /api/retention': {
    summary: 'Changes that for the kinds that are named',
    body: retentionSchema,
    answer: retentionAnswerSchema,
  },
  'POST /api/retention/preview': {
    summary: 'What such a change would remove of what is stored now; changes nothing',
    body: retentionSchema,
    answer: retentionPreviewAnswerSchema,
  },
  'GET /api/audit': {
    summary: 'Administrative acts, newest first',
    query: pageSchema,
    filters: ACT_GRAMMAR,
    answer: auditAnswerSchema,
  },
  'GET /api/exports/acts': {
    summary: 'Every administrative act of a filter as JSON Lines or CSV',
    query: formatSchema,
    filters: ACT_GRAMMAR,
    answer: 'application/x-ndjson',
  },
};
