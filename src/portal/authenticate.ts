import type { IncomingMessage } from 'node:http';
import { Refusal } from './answer.ts';
import type { Issuer } from './credentials.ts';
import { checkOrigin } from './guard.ts';
import { ROLES, type Role } from './roles.ts';
import { hashSecret, normaliseCode } from './secrets.ts';
import type { Actor, Credential, CredentialKind, Organisation, OwnedCredential } from './store/store.ts';
import { type TokenClaims, tokenExpired, tokenInvalid, tokenRevoked, verifyToken } from './tokens.ts';
import { wayIn } from './way-in.ts';

/** Who asks, as a device. `lifeMs` is how long its credential was made for. */
export interface Device {
  organisation: Organisation;
  id: string;
  lifeMs: number;
}

/** Who may enrol a device: an org token or a code. */
export interface Enroller {
  organisation: Organisation;
  credential: Credential;
  lifeMs: number;
}

/** Who asks, as a person or a script. */
export interface Person {
  organisation: Organisation;
  account: string;
  role: Role;
  by: 'session' | 'key' | 'own-session';
  /** The one device whose data this person may see; null: the organisation's. */
  device: string | null;
  credentialId: string;
  actor: Actor;
}

export const SESSION_COOKIE = 'capsule_session';

/** Refuses (401) with `token-invalid`, `token-expired` or `token-revoked`. */
export async function authenticateDevice(issuer: Issuer, incoming: IncomingMessage): Promise<Device> {
  const claims = await verifyToken(issuer.key, bearer(incoming), 'device', issuer.now());
  const { organisation } = await known(issuer, claims);
  if (claims.device === null) throw tokenInvalid();
  return { organisation, id: claims.device, lifeMs: lifeOf(claims) };
}

/** Refuses (401) with `token-invalid`, `token-expired` or `token-revoked`. */
export async function authenticateEnroller(issuer: Issuer, incoming: IncomingMessage): Promise<Enroller> {
  const value = bearer(incoming);
  // A signed token has dots, a code has none.
  if (value.includes('.')) {
    const claims = await verifyToken(issuer.key, value, 'org', issuer.now());
    const { organisation, ...credential } = await known(issuer, claims);
    return { organisation, credential, lifeMs: lifeOf(claims) };
  }
  const { organisation, ...credential } = await bySecret(issuer, normaliseCode(value), 'code');
  return { organisation, credential, lifeMs: Number.POSITIVE_INFINITY };
}

/**
 * By `Authorization: Bearer ck_…`, else by the session cookie, which for anything but reading must come from our own page.
 * Refuses (401) like a device, (403) `role-too-low` and `origin-foreign`.
 */
export async function authenticatePerson(
  issuer: Issuer & { trustProxy: boolean },
  incoming: IncomingMessage,
  role: Role,
): Promise<Person> {
  const person = await findPerson(issuer, incoming);
  if (ROLES.indexOf(person.role) < ROLES.indexOf(role)) {
    throw new Refusal(403, 'role-too-low', `This needs the role ${role}; yours is ${person.role}`);
  }
  return person;
}

async function findPerson(issuer: Issuer & { trustProxy: boolean }, incoming: IncomingMessage): Promise<Person> {
  if (incoming.headers.authorization !== undefined) {
    const key = await bySecret(issuer, bearer(incoming), 'key');
    const name = `key:${key.id}`;
    const { organisation, role } = key;
    return {
      ...{ organisation, account: name, role: role ?? 'viewer', by: 'key' },
      ...{ device: null, credentialId: key.id, actor: name },
    };
  }
  const cookie = readCookie(incoming.headers.cookie, SESSION_COOKIE);
  if (cookie === undefined) throw new Refusal(401, 'sign-in-needed', 'Sign in, or send an API key');
  if (incoming.method !== 'GET') checkOrigin(incoming.headers.origin, wayIn(incoming, issuer.trustProxy).host);
  const session = await bySecret(issuer, cookie, 'session', 'own-session');
  if (session.kind === 'own-session') return atDevice(issuer, session);
  const account = session.subject ?? '';
  const actor = `account:${account}`;
  const { organisation, role } = session;
  return {
    ...{ organisation, account, role: role ?? 'viewer', by: 'session' },
    ...{ device: null, credentialId: session.id, actor },
  };
}

/** Whoever works at a device, for as long as the device itself may send. */
async function atDevice(issuer: Issuer, { organisation, subject, id }: OwnedCredential): Promise<Person> {
  const agent = subject === null ? undefined : await issuer.store.agents.get(organisation.id, subject);
  if (agent === undefined || agent.credentialEndsAt === null) throw tokenRevoked();
  return {
    ...{ organisation, account: agent.user, role: 'viewer', by: 'own-session' },
    ...{ device: agent.id, credentialId: id, actor: `device:${agent.id}` },
  };
}

/** The credential that this secret is. Refuses (401). */
export async function bySecret(issuer: Issuer, secret: string, ...kinds: CredentialKind[]): Promise<OwnedCredential> {
  const credential = await issuer.store.credentials.findBySecret(hashSecret(secret));
  if (credential === undefined || !kinds.includes(credential.kind)) throw tokenInvalid();
  if (credential.revokedAt !== null) throw tokenRevoked();
  if (Date.parse(credential.expiresAt) <= issuer.now().getTime()) throw tokenExpired(new Date(credential.expiresAt));
  return credential;
}

async function known(issuer: Issuer, claims: TokenClaims): Promise<OwnedCredential> {
  const credential = await issuer.store.credentials.find(claims.org, claims.id);
  if (credential === undefined) throw tokenInvalid();
  if (credential.revokedAt !== null) throw tokenRevoked();
  return credential;
}

const lifeOf = ({ issuedAt, expiresAt }: TokenClaims): number => expiresAt.getTime() - issuedAt.getTime();

/** The secret that the request bears. Refuses (401) `token-invalid` when it bears none. */
export function bearer(incoming: IncomingMessage): string {
  const value = /^Bearer +(\S+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (value === undefined) throw tokenInvalid();
  return value;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
