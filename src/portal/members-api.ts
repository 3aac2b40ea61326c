import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { LinkAnswer, MembersAnswer } from './administration-answers.ts';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { DAY_MS, issueKey, issueLink, linkAddress, MAX_DAYS } from './credentials.ts';
import { MAX_PASSWORD, passwordProblem } from './passwords.ts';
import type { PortalContext } from './portal-context.ts';
import { ROLES } from './roles.ts';
import { addressBy, wayIn } from './way-in.ts';

/** How long an invitation may be used. */
const LINK_DAYS = 1;

/** `GET /api/members`: everybody who may sign in here, or could. */
export async function listMembers(portal: PortalContext, person: Person): Promise<Answer> {
  const accounts = await portal.store.accounts.list(person.organisation.id);
  const members = accounts.map(({ password, ...account }) => ({ ...account, hasPassword: password !== null }));
  const answer: MembersAnswer = { members, next: null };
  return ok(answer);
}

const account = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,79}$/u,
    'must be a name or address of 1 to 80 letters, digits and . _ @ + -',
  );
export const memberSchema = z.object({ account, role: z.enum(ROLES) });

/** `POST /api/members`: a link by which this account signs in once, within a day, with this role. Refuses (400) `member-invalid`. */
export async function inviteMember(
  portal: PortalContext,
  person: Person,
  incoming: IncomingMessage,
  body: unknown,
): Promise<Answer> {
  const { account: id, role } = checkBody(memberSchema, body, 'member-invalid');
  const link = await issueLink(portal, person.organisation.id, { id, role }, LINK_DAYS * DAY_MS, person.actor);
  const address = addressBy(wayIn(incoming, portal.trustProxy), incoming.headers.origin);
  const answer: LinkAnswer = { link: linkAddress(address, link.value), expiresAt: link.expiresAt };
  return ok(answer);
}

export const changeSchema = z.object({ role: z.enum(ROLES).optional(), disabled: z.boolean().optional() });

/**
 * `PATCH /api/members/:id`: another role, or shut out, or let in again; its sessions end. Refuses (409) `last-admin`: somebody
 * must be left who can undo it.
 */
export async function changeMember(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { role, disabled } = checkBody(changeSchema, body, 'member-invalid');
  const change = { ...(role !== undefined && { role }), ...(disabled !== undefined && { disabled }) };
  const now = portal.now().toISOString();
  const done = await portal.store.accounts.change(person.organisation.id, id, change, now, person.actor);
  if (done === 'unknown') throw notFound('member');
  if (done === 'last-admin') throw new Refusal(409, 'last-admin', 'This is the last administrator; make another first');
  return ok({ ok: true });
}

export const passwordSchema = z.object({
  password: z.string().max(10 * MAX_PASSWORD),
  current: z
    .string()
    .max(10 * MAX_PASSWORD)
    .optional(),
});

/**
 * `POST /api/me/password`: chooses a password, or another one with the current. Other sessions of the account end. Refuses (400)
 * `password-weak`, (401) `password-wrong`, (403) `account-needed`.
 */
export async function choosePassword(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { password, current } = checkBody(passwordSchema, body, 'password-weak');
  if (person.by !== 'session') throw new Refusal(403, 'account-needed', 'An API key has no password');
  const org = person.organisation.id;
  const kept = (await portal.store.accounts.get(org, person.account))?.password ?? undefined;
  if (kept !== undefined) {
    const keys = [`account:${org}:${person.account}`];
    await portal.attempts.check(keys);
    if (!(await portal.passwords.isRight(current ?? '', kept))) {
      await portal.attempts.wrong(keys);
      throw new Refusal(400, 'password-wrong', 'The current password is another one');
    }
  }
  const problem = passwordProblem(password, person.account);
  if (problem !== undefined) throw new Refusal(400, 'password-weak', problem);
  const now = portal.now().toISOString();
  await portal.store.accounts.setPassword(org, person.account, await portal.passwords.hash(password), now);
  await portal.store.accounts.endSessions(org, person.account, now, person.credentialId);
  return ok({ ok: true });
}

export const keySchema = z.object({
  role: z.enum(ROLES).default('viewer'),
  days: z.int('Enter a whole number of days from 1 to 365').min(1).max(MAX_DAYS).default(MAX_DAYS),
  label: z.string().trim().max(80).default(''),
});

/** `POST /api/keys`: an API key for `/api/**`; its value is seen this once. Refuses (400) `key-invalid`. */
export async function makeKey(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { role, days, label } = checkBody(keySchema, body, 'key-invalid');
  const { id, value, expiresAt } = await issueKey(
    portal,
    person.organisation.id,
    role,
    days * DAY_MS,
    person.actor,
    label,
  );
  return ok({ id, value, expiresAt });
}
