import type { AuditAnswer } from './administration-answers.ts';
import { type Answer, notFound, ok } from './answer.ts';
import type { Person } from './authenticate.ts';
import { ACT_GRAMMAR } from './filter/grammar.ts';
import type { PortalContext } from './portal-context.ts';
import { readList } from './read-list.ts';

/** `GET /api/audit`: every administrative act, newest first. */
export async function listActs(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { filter, misunderstood, page } = readList(ACT_GRAMMAR, query, portal.now());
  const { items, next } = await portal.store.acts(person.organisation.id, filter, page);
  const answer: AuditAnswer = { acts: items, next, misunderstood };
  return ok(answer);
}

/** `GET /api/tokens`: what was issued, without the values, which nobody has any more. */
export async function listTokens(portal: PortalContext, person: Person): Promise<Answer> {
  const credentials = await portal.store.credentials.list(person.organisation.id, ['org', 'code', 'key', 'device']);
  const tokens = credentials.map(({ secretHash: _hash, ...token }) => token);
  return ok({ tokens, next: null });
}

/** `POST /api/tokens/:id/revoke`: it is refused from the next request on. */
export async function revokeToken(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const now = portal.now().toISOString();
  const revoked = await portal.store.credentials.revoke(person.organisation.id, id, now, person.actor);
  if (!revoked) throw notFound('token');
  return ok({ ok: true });
}
