import { EVENT_TABLES } from './event-schema.ts';
import { POLICY_TABLES, STREAM_TABLES } from './policy-schema.ts';
import { UPGRADE_TABLES } from './upgrade-schema.ts';

/**
 * The tables, called as SQLite's are. Every key is led by `org_id`, so that they can be spread by organisation. Times are ISO 8601
 * in UTC and compare as text, for which every text has the collation of bytes (`C`). `user` is a word of SQL's own, so those
 * columns are called `user_name`. Never edit a migration that has shipped: add one. `TEXT` alone stands for a text of that
 * collation (see `migrate.ts`).
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE portal_values (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE organisations (org_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL);

  -- The end of each organisation's chain, and the lock that everybody takes who writes for it.
  CREATE TABLE chain_heads (org_id TEXT PRIMARY KEY, position BIGINT NOT NULL, hash BYTEA NOT NULL);

  CREATE TABLE credentials (
    org_id TEXT NOT NULL, credential_id TEXT NOT NULL, kind TEXT NOT NULL, secret_hash TEXT, subject TEXT, role TEXT,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT,
    uses INTEGER NOT NULL, max_uses INTEGER,
    PRIMARY KEY (org_id, credential_id)
  );
  CREATE INDEX credentials_by_subject ON credentials (org_id, subject, kind, expires_at);
  CREATE INDEX credentials_by_secret ON credentials (secret_hash) WHERE secret_hash IS NOT NULL;
  CREATE TABLE credential_users (
    org_id TEXT NOT NULL, credential_id TEXT NOT NULL, user_name TEXT NOT NULL,
    PRIMARY KEY (org_id, credential_id, user_name)
  );
  CREATE TABLE accounts (
    org_id TEXT NOT NULL, account_id TEXT NOT NULL, role TEXT NOT NULL, created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL,
    disabled_at TEXT, password TEXT,
    PRIMARY KEY (org_id, account_id)
  );
  CREATE TABLE acts (
    org_id TEXT NOT NULL, seq BIGINT NOT NULL, time TEXT NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, object TEXT NOT NULL,
    came_from TEXT, client TEXT, changes TEXT,
    PRIMARY KEY (org_id, seq)
  );
  -- Wrong guesses of secrets, which every replica has to know of.
  CREATE TABLE wrong_guesses (guess_key TEXT NOT NULL, at TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (guess_key, at, id));

  CREATE TABLE agents (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL,
    name TEXT NOT NULL, user_name TEXT NOT NULL, os TEXT NOT NULL, agent_version TEXT NOT NULL, kiro TEXT NOT NULL,
    enrolled_at TEXT NOT NULL, last_seen_at TEXT, heartbeat TEXT, last_event_at TEXT,
    inventory TEXT, inventory_at TEXT, inventory_session TEXT, events BIGINT NOT NULL DEFAULT 0,
    probe_id TEXT, probe_at TEXT, attention INTEGER NOT NULL DEFAULT 0, coverage DOUBLE PRECISION,
    PRIMARY KEY (org_id, device_id)
  ) WITH (fillfactor = 70);
  CREATE TABLE installers (
    org_id TEXT NOT NULL, installer_id TEXT NOT NULL, label TEXT NOT NULL, system TEXT NOT NULL,
    credential_days INTEGER NOT NULL, content TEXT, hooks TEXT, made_by TEXT NOT NULL,
    PRIMARY KEY (org_id, installer_id)
  );
  CREATE TABLE retention (
    org_id TEXT NOT NULL, kind TEXT NOT NULL, days INTEGER NOT NULL,
    PRIMARY KEY (org_id, kind)
  );
  `,
  EVENT_TABLES,
  POLICY_TABLES,
  STREAM_TABLES,
  UPGRADE_TABLES,
];

/** What is cut by time into one table a month (see `partitions.ts`), and by which column. */
export const PARTITIONED: Readonly<Record<string, string>> = { events: 'received_at', chain: 'at', marks: 'time' };

/** Tables of the whole portal: each machine of a distributed database has all of them. All others are spread by `org_id`. */
export const EVERYWHERE: readonly string[] = ['portal_values', 'organisations', 'wrong_guesses'];
