import { isIP } from 'node:net';
import { Failure } from '../core/failure.ts';

export type PortalAction = 'token' | 'code' | 'key' | 'admin';
export const PORTAL_ACTIONS: readonly PortalAction[] = ['token', 'code', 'key', 'admin'];
/** What looks after a portal's data. */
export const PORTAL_CARES = ['backup', 'verify', 'import', 'move'] as const;
export type PortalRole = 'viewer' | 'analyst' | 'admin';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 4170;
export const DEFAULT_ORG = 'default';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS: Readonly<Record<PortalAction, number>> = { token: 365, key: 365, code: 1, admin: 1 };

/** A lifetime in ms. Throws `usage` unless it is a whole number of days from 1 to 365. */
export function readLifetime(action: PortalAction, days: number = DEFAULT_DAYS[action]): number {
  if (!Number.isInteger(days) || days < 1 || days > 365) {
    throw new Failure('usage', `--ttl-days must be a whole number from 1 to 365, not ${days}`);
  }
  return days * DAY_MS;
}

/** Throws `usage` unless a code is made for at least one device. */
export function readUses(uses: number): number {
  if (!Number.isInteger(uses) || uses < 1) throw new Failure('usage', '--uses must be a whole number, 1 or more');
  return uses;
}

/** An API key reads unless said otherwise; a sign-in link is for an administrator. */
export function chooseRole(action: PortalAction, role: string | undefined): PortalRole {
  if (role === 'viewer' || role === 'analyst' || role === 'admin') return role;
  return action === 'admin' ? 'admin' : 'viewer';
}

/** Throws `usage` when credentials would cross a network in the clear and nobody asked for that. */
export function checkBinding(host: string, insecure: boolean): void {
  if (insecure || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return;
  throw new Failure('usage', `Listening on ${host} would send credentials over the network without TLS`, {
    hint: 'Leave out --host and put a TLS proxy in front, or say --insecure-http if the network is yours.',
  });
}

/** Throws `usage` when only one of the two was given. */
export function readTls(cert: string | undefined, key: string | undefined): { cert: string; key: string } | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new Failure('usage', '--tls-cert and --tls-key belong together');
}

/** Throws `usage` unless it is a port, or 0 for a free one. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return;
  throw new Failure('usage', `--port must be a whole number from 0 to 65535, not ${port}`);
}

/** Throws `usage` for a name nobody could read in a list. */
export function readOrg(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > 80 || /\p{C}/u.test(trimmed)) {
    throw new Failure('usage', '--org must be a name of 1 to 80 visible characters');
  }
  return trimmed;
}
