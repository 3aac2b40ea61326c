import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { LinkAnswer } from '../administration-answers.ts';
import { type Answer, notFound, ok } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import { issueOwnLink, linkAddress } from '../credentials.ts';
import type { PortalContext } from '../portal-context.ts';
import { addressBy, wayIn } from '../way-in.ts';

/** A week at most: it lies in somebody's mail or chat. */
const MAX_HOURS = 168;
export const linkSchema = z.object({ hours: z.number().int().min(1).max(MAX_HOURS).default(24) });

/**
 * `POST /api/agents/:id/own-link`: a link by which whoever works at this device sees, signed in once and for 12 hours, what it has
 * sent. Refuses (400) `own-link-invalid`.
 */
export async function makeOwnLink(
  portal: PortalContext,
  person: Person,
  { id, incoming, body }: { id: string; incoming: IncomingMessage; body: unknown },
): Promise<Answer> {
  const { hours } = checkBody(linkSchema, body, 'own-link-invalid');
  const org = person.organisation.id;
  if ((await portal.store.agents.get(org, id)) === undefined) throw notFound('agent');
  const link = await issueOwnLink(portal, org, id, hours * 3_600_000, person.actor);
  const address = addressBy(wayIn(incoming, portal.trustProxy), incoming.headers.origin);
  const answer: LinkAnswer = { link: linkAddress(address, link.value), expiresAt: link.expiresAt };
  return ok(answer);
}
