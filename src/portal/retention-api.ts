import * as z from 'zod';
import { EVENT_KINDS } from '../core/event.ts';
import { type RetentionAnswer, type RetentionPreviewAnswer, retentionAnswerSchema } from './administration-answers.ts';
import { type Answer, ok } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { DAY_MS } from './credentials.ts';
import { lastRunName } from './keep-retention.ts';
import type { PortalContext } from './portal-context.ts';
import type { Retention } from './store/retention-store.ts';

const days = z.int('Enter a whole number of days from 1 to 3650, or nothing').min(1).max(3_650).nullable();
export const retentionSchema = z.strictObject({ days: z.partialRecord(z.enum(EVENT_KINDS), days) });

/** `GET /api/retention`: for how many days each kind is kept; null: for ever. */
export async function getRetention(portal: PortalContext, person: Person): Promise<Answer> {
  const org = person.organisation.id;
  const lastRun = await portal.store.value(lastRunName(org));
  const answer: RetentionAnswer = {
    days: await portal.store.retention.get(org),
    lastRun: lastRun === undefined ? null : retentionAnswerSchema.shape.lastRun.parse(JSON.parse(lastRun)),
  };
  return ok(answer);
}

/** `PATCH /api/retention`: changes the kinds that are named. Refuses (400) `retention-invalid`. */
export async function changeRetention(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { days: changed } = checkBody(retentionSchema, body, 'retention-invalid');
  const org = person.organisation.id;
  const before = await portal.store.retention.get(org);
  const retention = { ...before, ...changed } as Retention;
  await portal.store.retention.set(org, retention, portal.now().toISOString(), person.actor);
  return getRetention(portal, person);
}

/** `POST /api/retention/preview` with the body of the change: what it would remove of what is stored now. Changes nothing. */
export async function previewRetention(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { days: changed } = checkBody(retentionSchema, body, 'retention-invalid');
  const { retention } = portal.store;
  const org = person.organisation.id;
  const kept = { ...(await retention.get(org)), ...changed };
  const remove: RetentionPreviewAnswer['remove'] = {};
  for (const kind of EVENT_KINDS) {
    const days = kept[kind];
    const before = days === null ? undefined : new Date(portal.now().getTime() - days * DAY_MS).toISOString();
    remove[kind] = before === undefined ? 0 : await retention.count(org, kind, before);
  }
  const answer: RetentionPreviewAnswer = { remove };
  return ok(answer);
}
