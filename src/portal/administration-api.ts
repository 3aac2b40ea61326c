import * as z from 'zod';
import type { AuditAnswer } from './administration-answers.ts';
import { type Answer, notFound, ok } from './answer.ts';
import type { Person } from './authenticate.ts';
import { ACT_GRAMMAR } from './filter/grammar.ts';
import type { PortalContext } from './portal-context.ts';
import { parse, readPage } from './query.ts';
import { readList } from './read-list.ts';

/** `GET /api/audit`: every administrative act, newest first. */
export async function listActs(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { filter, misunderstood, page } = readList(ACT_GRAMMAR, query, portal.now());
  const { items, next } = await portal.store.acts(person.organisation.id, filter, page);
  const answer: AuditAnswer = { acts: items, next, misunderstood };
  return ok(answer);
}

/** What is listed of what was given out; members' links and sign-ins end with their account. */
const GIVEN = ['org', 'code', 'key', 'device', 'own-link', 'own-session'] as const;
export const tokensQuerySchema = z.object({
  kind: z.enum(GIVEN).optional(),
  /** Of a device or what is shown of it: the device's id; of a key: its label. */
  subject: z.string().max(200).optional(),
});

/** `GET /api/tokens`: what was issued, newest first, without the values, which nobody has any more. Refuses (400) `query-invalid`. */
export async function listTokens(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { kind, subject } = parse(tokensQuerySchema, query);
  const page = { ...readPage(query), subject };
  const found = await portal.store.credentials.list(person.organisation.id, kind === undefined ? GIVEN : [kind], page);
  const tokens = found.items.map(({ secretHash: _hash, ...token }) => token);
  return ok({ tokens, next: found.next });
}

/** `POST /api/tokens/:id/revoke`: it is refused from the next request on. */
export async function revokeToken(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const now = portal.now().toISOString();
  const revoked = await portal.store.credentials.revoke(person.organisation.id, id, now, person.actor);
  if (!revoked) throw notFound('token');
  return ok({ ok: true });
}
