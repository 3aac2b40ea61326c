import * as z from 'zod';
import { EVENT_KINDS } from '../core/event.ts';
import type { RetentionAnswer } from './administration-answers.ts';
import { type Answer, ok } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import type { PortalContext } from './portal-context.ts';
import type { Retention } from './store/retention-store.ts';

const days = z.int('Enter a whole number of days from 1 to 3650, or nothing').min(1).max(3_650).nullable();
export const retentionSchema = z.strictObject({ days: z.partialRecord(z.enum(EVENT_KINDS), days) });

/** `GET /api/retention`: for how many days each kind is kept; null: for ever. */
export async function getRetention(portal: PortalContext, person: Person): Promise<Answer> {
  const answer: RetentionAnswer = { days: await portal.store.retention.get(person.organisation.id) };
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
