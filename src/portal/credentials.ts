import { randomUUID } from 'node:crypto';
import type { Role } from './roles.ts';
import { hashSecret, newCode, newSecret } from './secrets.ts';
import type { Actor, Credential, CredentialKind, PortalStore } from './store/store.ts';
import { type SigningKey, signToken } from './tokens.ts';

/** What making a credential needs; every `Portal` is one. */
export interface Issuer {
  store: PortalStore;
  key: SigningKey;
  now(): Date;
}

export interface Issued {
  id: string;
  /** The only time it is seen. */
  value: string;
  expiresAt: string;
}

export const DAY_MS = 86_400_000;
export const MAX_DAYS = 365;

/** An org token: enrols any number of devices until it ends. */
export const issueOrgToken = (issuer: Issuer, org: string, lifeMs: number, by: Actor): Promise<Issued> =>
  issueSigned(issuer, org, 'org', null, lifeMs, by);

/** A device's credential: sends that device's events, nothing else. */
export const issueDeviceCredential = (
  issuer: Issuer,
  org: string,
  device: string,
  lifeMs: number,
  by: Actor,
): Promise<Issued> => issueSigned(issuer, org, 'device', device, lifeMs, by);

/** A code that enrols `uses` devices; null: any number. */
export const issueCode = (
  issuer: Issuer,
  org: string,
  lifeMs: number,
  uses: number | null,
  by: Actor,
): Promise<Issued> => issueSecret(issuer, org, { kind: 'code', value: newCode(), lifeMs, maxUses: uses }, by);

/** An API key for `/api/**`. */
export const issueKey = (
  issuer: Issuer,
  org: string,
  role: Role,
  lifeMs: number,
  by: Actor,
  label = '',
): Promise<Issued> =>
  issueSecret(
    issuer,
    org,
    { kind: 'key', value: `ck_${newSecret()}`, lifeMs, role, ...(label && { subject: label }) },
    by,
  );

/** The secret of a one-time sign-in link for an account, which is made when the link is used. */
export const issueLink = (
  issuer: Issuer,
  org: string,
  account: { id: string; role: Role },
  lifeMs: number,
  by: Actor,
): Promise<Issued> =>
  issueSecret(
    issuer,
    org,
    { kind: 'link', value: newSecret(), lifeMs, maxUses: 1, subject: account.id, role: account.role },
    by,
  );

/** The secret of a browser's session cookie. */
export const issueSession = (
  issuer: Issuer,
  org: string,
  account: { id: string; role: Role },
  lifeMs: number,
): Promise<Issued> =>
  issueSecret(
    issuer,
    org,
    { kind: 'session', value: newSecret(), lifeMs, subject: account.id, role: account.role },
    `account:${account.id}`,
  );

/** The secret of a one-time link that shows one device's data. */
export const issueOwnLink = (issuer: Issuer, org: string, device: string, lifeMs: number, by: Actor): Promise<Issued> =>
  issueSecret(issuer, org, { kind: 'own-link', value: newSecret(), lifeMs, maxUses: 1, subject: device }, by);

/** The secret of a browser's session cookie for one device's data. */
export const issueOwnSession = (issuer: Issuer, org: string, device: string, lifeMs: number): Promise<Issued> =>
  issueSecret(issuer, org, { kind: 'own-session', value: newSecret(), lifeMs, subject: device }, `device:${device}`);

/** The address that signs somebody in. The secret is in the fragment: browsers keep that to themselves. */
export const linkAddress = (portal: string, secret: string): string => `${portal}/sign-in#link=${secret}`;

async function issueSigned(
  issuer: Issuer,
  org: string,
  kind: 'org' | 'device',
  device: string | null,
  lifeMs: number,
  by: Actor,
): Promise<Issued> {
  const base = newCredential(issuer.now(), lifeMs);
  const expiresAt = new Date(base.expiresAt);
  const claims = { kind, org, id: base.id, device, issuedAt: new Date(base.createdAt), expiresAt };
  const value = await signToken(issuer.key, claims);
  await issuer.store.credentials.issue(org, { ...base, kind, subject: device }, by);
  return { id: base.id, value, expiresAt: base.expiresAt };
}

interface Secret {
  kind: Exclude<CredentialKind, 'org' | 'device'>;
  value: string;
  lifeMs: number;
  role?: Role;
  subject?: string;
  maxUses?: number | null;
}

async function issueSecret(issuer: Issuer, org: string, secret: Secret, by: Actor): Promise<Issued> {
  const { kind, value, lifeMs, role = null, subject = null, maxUses = null } = secret;
  const base = newCredential(issuer.now(), lifeMs);
  await issuer.store.credentials.issue(
    org,
    { ...base, kind, role, subject, maxUses, secretHash: hashSecret(value) },
    by,
  );
  return { id: base.id, value, expiresAt: base.expiresAt };
}

function newCredential(now: Date, lifeMs: number): Omit<Credential, 'kind'> {
  return {
    id: randomUUID(),
    secretHash: null,
    subject: null,
    role: null,
    createdAt: now.toISOString(),
    // Tokens count whole seconds; so does what we say of them.
    expiresAt: new Date(Math.floor((now.getTime() + lifeMs) / 1000) * 1000).toISOString(),
    revokedAt: null,
    uses: 0,
    maxUses: null,
  };
}
