import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import pg from 'pg';
import { describe, Failure } from '../../../core/failure.ts';

export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database?…`; never shown. */
  url: string;
  /** PEM file of those who may vouch for the server; the system's unless given. */
  caFile?: string | undefined;
  /** Most connections at a time. */
  connections?: number | undefined;
}

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;
const STATEMENT_MS = 30_000;
/** A server that went away without a word is noticed by this at last. */
const ANSWER_MS = STATEMENT_MS + 5_000;
const LOCK_MS = 10_000;

const SCHEMES = new Set(['postgres:', 'postgresql:']);
/** What `sslmode` may say. `prefer`, `allow` and `require` would take any server for ours. */
const MODES = ['disable', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

/**
 * How to reach the database. TLS with the server's name checked is the rule for anything but this machine; `sslmode=disable` in
 * the address is the word of who knows better. Throws `usage` for an address that is none, without showing it.
 */
export function connectionConfig({ url, caFile, connections = CONNECTIONS }: ConnectionOptions): pg.PoolConfig {
  return {
    ...targetOf(url, caFile),
    max: connections,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: ANSWER_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** The same for one connection that waits for signals, or changes tables, and may take its time. */
export const patientConfig = ({ url, caFile }: ConnectionOptions): pg.ClientConfig => ({
  ...targetOf(url, caFile),
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  types: { getTypeParser },
});

function targetOf(url: string, caFile: string | undefined): pg.ClientConfig {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !SCHEMES.has(parsed.protocol)) {
    throw new Failure('usage', 'The address of the database is not understood', {
      hint: 'It is like postgres://user:password@host:5432/database',
    });
  }
  const asked = parsed.searchParams;
  const socket = asked.get('host');
  const host = socket ?? decodeURIComponent(parsed.hostname.replace(/^\[|\]$/g, ''));
  const mode = readMode(asked.get('sslmode'), host);
  const ca = caFile ?? asked.get('sslrootcert') ?? undefined;
  return {
    host: host === '' ? 'localhost' : host,
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    database: decodeURIComponent(parsed.pathname.slice(1)) || 'capsule',
    ...(parsed.username !== '' && { user: decodeURIComponent(parsed.username) }),
    ...(parsed.password !== '' && { password: decodeURIComponent(parsed.password) }),
    ssl: mode === 'disable' ? false : tlsOf(mode, ca),
    application_name: 'capsule-kiro',
    ...(asked.get('options') !== null && { options: asked.get('options') ?? '' }),
  };
}

function readMode(asked: string | null, host: string): Mode {
  if (asked === null) return isOwnMachine(host) ? 'disable' : 'verify-full';
  const mode = MODES.find((name) => name === asked);
  if (mode !== undefined) return mode;
  throw new Failure('usage', `sslmode=${asked} is not supported: it would take any server for yours`, {
    hint: 'Use verify-full (with --database-ca FILE for an authority of your own), verify-ca or disable.',
  });
}

const isOwnMachine = (host: string): boolean =>
  host === '' ||
  host.startsWith('/') ||
  host === 'localhost' ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'));

function tlsOf(mode: Mode, caFile: string | undefined): pg.ClientConfig['ssl'] {
  try {
    return {
      rejectUnauthorized: true,
      ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
      ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    };
  } catch (error) {
    throw new Failure('tls-unusable', `${caFile} cannot be read: ${describe(error)}`, { cause: error });
  }
}

const [INT8, NUMERIC] = [20, 1700];

/** Counts and places stay far below 2^53, so they are numbers here as everywhere. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8 || oid === NUMERIC
    ? Number
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;
