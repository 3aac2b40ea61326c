import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, ok, Refusal } from './answer.ts';
import type { MeAnswer } from './answers.ts';
import { bySecret, type Person, SESSION_COOKIE } from './authenticate.ts';
import { type Issued, issueOwnSession, issueSession } from './credentials.ts';
import { checkOrigin } from './guard.ts';
import { MAX_PASSWORD } from './passwords.ts';
import type { PortalContext } from './portal-context.ts';
import type { Role } from './roles.ts';
import { tokenRevoked } from './tokens.ts';
import { type WayIn, wayIn } from './way-in.ts';

const SESSION_MS = 12 * 3_600_000;
const linkSchema = z.object({ link: z.string().min(1).max(200) });
const passwordSchema = z.object({
  organisation: z.string().trim().max(80).default('default'),
  account: z.string().trim().min(1).max(80),
  password: z.string().max(MAX_PASSWORD),
});
export const bodySchema = z.union([linkSchema, passwordSchema]);

/**
 * `POST /api/sign-in` with the secret of a one-time link, or with an account's password; answers with the session cookie. A
 * link's second use is refused; no answer tells whether an account exists; whoever guesses wrongly too often waits (429).
 */
export async function signIn(portal: PortalContext, incoming: IncomingMessage, body: unknown): Promise<Answer> {
  const way = wayIn(incoming, portal.trustProxy);
  checkOrigin(incoming.headers.origin, way.host);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    throw new Refusal(400, 'sign-in-invalid', 'The body must be {"link": "…"} or {"account": "…", "password": "…"}');
  }
  if ('link' in parsed.data) return signInByLink(portal, way, parsed.data.link);
  return signInByPassword(portal, way, parsed.data);
}

async function signInByLink(portal: PortalContext, way: WayIn, secret: string): Promise<Answer> {
  const keys = [`from:${way.from}`];
  await portal.attempts.check(keys);
  const link = await bySecret(portal, secret, 'link', 'own-link').catch(async (error: unknown) => {
    await portal.attempts.wrong(keys);
    throw error;
  });
  const org = link.organisation.id;
  // Every use counts as another's: a link that was read over somebody's shoulder must not work again.
  if (!(await portal.store.credentials.use(org, link.id, randomUUID()))) {
    throw tokenRevoked('This link has been used; make a new one with: capsule-kiro portal admin');
  }
  if (link.kind === 'own-link') {
    return withCookie(await issueOwnSession(portal, org, link.subject ?? '', SESSION_MS), way);
  }
  return enter(portal, way, org, { id: link.subject ?? 'admin', role: link.role ?? 'viewer' });
}

async function signInByPassword(
  portal: PortalContext,
  way: WayIn,
  { organisation, account: id, password }: z.infer<typeof passwordSchema>,
): Promise<Answer> {
  const org = await portal.store.findOrganisation(organisation);
  const keys = [`from:${way.from}`, `account:${org?.id ?? ''}:${id}`];
  await portal.attempts.check(keys);
  const account = org === undefined ? undefined : await portal.store.accounts.get(org.id, id);
  const kept = account?.disabledAt === null ? (account.password ?? undefined) : undefined;
  const right = await portal.passwords.isRight(password, kept);
  if (org === undefined || account === undefined || !right) {
    await portal.attempts.wrong(keys);
    throw new Refusal(401, 'sign-in-refused', 'Account and password do not fit together');
  }
  await portal.attempts.right(keys);
  return enter(portal, way, org.id, { id, role: account.role });
}

async function enter(
  portal: PortalContext,
  way: WayIn,
  org: string,
  account: { id: string; role: Role },
): Promise<Answer> {
  await portal.store.accounts.signIn(org, account, portal.now().toISOString());
  return withCookie(await issueSession(portal, org, account, SESSION_MS), way);
}

function withCookie({ value }: Issued, { secure }: WayIn): Answer {
  return { status: 200, json: { ok: true }, headers: { 'set-cookie': cookie(value, SESSION_MS / 1000, secure) } };
}

/**
 * `POST /api/sign-out`: the cookie is worth nothing afterwards, wherever it was copied to. Refuses (403) `account-needed` to an
 * API key, which would be gone for good.
 */
export async function signOut(portal: PortalContext, person: Person, incoming: IncomingMessage): Promise<Answer> {
  if (person.by === 'key')
    throw new Refusal(403, 'account-needed', 'An API key is not signed in; it ends when it is revoked');
  const now = portal.now().toISOString();
  await portal.store.credentials.revoke(person.organisation.id, person.credentialId, now, person.actor);
  const { secure } = wayIn(incoming, portal.trustProxy);
  return { status: 200, json: { ok: true }, headers: { 'set-cookie': cookie('', 0, secure) } };
}

/** `GET /api/me`. */
export async function me(portal: PortalContext, person: Person): Promise<Answer> {
  const account =
    person.by === 'session' ? await portal.store.accounts.get(person.organisation.id, person.account) : undefined;
  const answer: MeAnswer = {
    organisation: person.organisation.name,
    account: person.account,
    role: person.role,
    signedInBy: person.by,
    device: person.device,
    hasPassword: (account?.password ?? null) !== null,
    portal: { name: portal.name, version: portal.version },
  };
  return ok(answer);
}

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
