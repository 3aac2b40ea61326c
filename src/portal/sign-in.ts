import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, ok, Refusal } from './answer.ts';
import type { MeAnswer } from './answers.ts';
import { bySecret, type Person, SESSION_COOKIE } from './authenticate.ts';
import { issueSession } from './credentials.ts';
import { checkOrigin } from './guard.ts';
import type { PortalContext } from './portal-context.ts';
import { tokenRevoked } from './tokens.ts';

const SESSION_MS = 12 * 3_600_000;
const bodySchema = z.object({ link: z.string().min(1).max(200) });

/** `POST /api/sign-in` with the secret of a one-time link; answers with the session cookie. The second use is refused. */
export async function signIn(portal: PortalContext, incoming: IncomingMessage, body: unknown): Promise<Answer> {
  checkOrigin(incoming.headers.origin, incoming.headers.host);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, 'sign-in-invalid', 'The body must be {"link": "…"}');
  const link = await bySecret(portal, parsed.data.link, 'link');
  const org = link.organisation.id;
  // Every use counts as another's: a link that was read over somebody's shoulder must not work again.
  if (!(await portal.store.credentials.use(org, link.id, randomUUID()))) {
    throw tokenRevoked('This link has been used; make a new one with: capsule-kiro portal admin');
  }
  const account = { id: link.subject ?? 'admin', role: link.role ?? 'viewer' } as const;
  await portal.store.accounts.signIn(org, account, portal.now().toISOString());
  const session = await issueSession(portal, org, account, SESSION_MS);
  return { status: 200, json: { ok: true }, headers: { 'set-cookie': cookie(session.value, SESSION_MS / 1000) } };
}

/** `POST /api/sign-out`: the cookie is worth nothing afterwards, wherever it was copied to. */
export async function signOut(portal: PortalContext, person: Person): Promise<Answer> {
  const now = portal.now().toISOString();
  await portal.store.credentials.revoke(person.organisation.id, person.credentialId, now, person.actor);
  return { status: 200, json: { ok: true }, headers: { 'set-cookie': cookie('', 0) } };
}

/** `GET /api/me`. */
export async function me(portal: PortalContext, person: Person): Promise<Answer> {
  const answer: MeAnswer = {
    organisation: person.organisation.name,
    account: person.account,
    role: person.role,
    signedInBy: person.by,
    portal: { name: portal.name, version: portal.version },
  };
  return ok(answer);
}

const cookie = (value: string, seconds: number): string =>
  `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
