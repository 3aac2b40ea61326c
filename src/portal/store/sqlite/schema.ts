import { LARGE_STORE_TABLES, OBSERVABILITY_TABLES } from './observability-schema.ts';
import { POLICY_TABLES, POLICY_WORK_TABLES, STREAM_TABLES } from './policy-schema.ts';
import { UPGRADE_TABLES } from './upgrade-schema.ts';

/**
 * The tables. Every key is led by `org_id`, so that they can be spread by organisation; `credentials` alone is also found by
 * its secret. Times are ISO 8601 in UTC and compare as text. Never edit a migration that has shipped: add one.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE portal_values (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE organisations (
    org_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE credentials (
    org_id TEXT NOT NULL REFERENCES organisations, credential_id TEXT NOT NULL, kind TEXT NOT NULL,
    secret_hash TEXT UNIQUE, subject TEXT, role TEXT,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT,
    uses INTEGER NOT NULL, max_uses INTEGER,
    PRIMARY KEY (org_id, credential_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX credentials_by_subject ON credentials (org_id, subject, kind, expires_at);

  CREATE TABLE credential_users (
    org_id TEXT NOT NULL, credential_id TEXT NOT NULL, user TEXT NOT NULL,
    PRIMARY KEY (org_id, credential_id, user)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE accounts (
    org_id TEXT NOT NULL REFERENCES organisations, account_id TEXT NOT NULL, role TEXT NOT NULL,
    created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE acts (
    seq INTEGER PRIMARY KEY, org_id TEXT NOT NULL REFERENCES organisations,
    time TEXT NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, object TEXT NOT NULL
  ) STRICT;
  CREATE INDEX acts_by_org ON acts (org_id, seq);

  CREATE TABLE agents (
    org_id TEXT NOT NULL REFERENCES organisations, device_id TEXT NOT NULL,
    name TEXT NOT NULL, user TEXT NOT NULL, os TEXT NOT NULL, agent_version TEXT NOT NULL, kiro TEXT NOT NULL,
    enrolled_at TEXT NOT NULL, last_seen_at TEXT, heartbeat TEXT, last_event_at TEXT,
    inventory TEXT, inventory_at TEXT, inventory_session TEXT, events INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agents_by_user ON agents (org_id, user, device_id);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, org_id TEXT NOT NULL REFERENCES organisations, event_id TEXT NOT NULL,
    kind TEXT NOT NULL, time TEXT NOT NULL, session_id TEXT NOT NULL, turn_key TEXT NOT NULL, ordinal REAL NOT NULL,
    workspace_id TEXT, device_id TEXT NOT NULL, received_at TEXT NOT NULL, event TEXT NOT NULL,
    UNIQUE (org_id, event_id)
  ) STRICT;
  CREATE INDEX events_by_time ON events (org_id, time, seq);
  CREATE INDEX events_by_kind ON events (org_id, kind, time, seq);
  CREATE INDEX events_by_turn ON events (org_id, session_id, turn_key, ordinal, seq);
  CREATE INDEX events_by_device ON events (org_id, device_id, time, seq);

  CREATE TABLE sessions (
    org_id TEXT NOT NULL REFERENCES organisations, session_id TEXT NOT NULL, device_id TEXT NOT NULL, user TEXT NOT NULL,
    generation TEXT NOT NULL, title TEXT, mode TEXT, model TEXT, kiro_version TEXT,
    workspace_id TEXT, workspace_path TEXT, workspace_name TEXT,
    first_prompt TEXT, first_prompt_ordinal REAL, started_at TEXT NOT NULL, last_event_at TEXT NOT NULL,
    turns INTEGER NOT NULL, prompts INTEGER NOT NULL, responses INTEGER NOT NULL, reasonings INTEGER NOT NULL,
    tools INTEGER NOT NULL, tool_failures INTEGER NOT NULL, lost INTEGER NOT NULL, credits REAL, duration_ms REAL,
    events INTEGER NOT NULL,
    PRIMARY KEY (org_id, session_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_activity ON sessions (org_id, last_event_at, session_id);
  CREATE INDEX sessions_by_device ON sessions (org_id, device_id, last_event_at, session_id);

  CREATE TABLE turns (
    org_id TEXT NOT NULL REFERENCES organisations, session_id TEXT NOT NULL, turn_key TEXT NOT NULL, turn_id TEXT,
    turn_index INTEGER, first_ordinal REAL NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, reason TEXT,
    duration_ms REAL, credits REAL, tools INTEGER NOT NULL, tool_failures INTEGER NOT NULL, events INTEGER NOT NULL,
    PRIMARY KEY (org_id, session_id, turn_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX turns_in_order ON turns (org_id, session_id, first_ordinal, turn_key);
  `,
  'ALTER TABLE agents ADD COLUMN probe_id TEXT; ALTER TABLE agents ADD COLUMN probe_at TEXT',
  `
  CREATE TABLE installers (
    org_id TEXT NOT NULL REFERENCES organisations, installer_id TEXT NOT NULL, label TEXT NOT NULL, system TEXT NOT NULL,
    credential_days INTEGER NOT NULL, content TEXT, hooks TEXT, made_by TEXT NOT NULL,
    PRIMARY KEY (org_id, installer_id)
  ) STRICT, WITHOUT ROWID;
  `,
  POLICY_TABLES,
  OBSERVABILITY_TABLES,
  'ALTER TABLE accounts ADD COLUMN password TEXT; ALTER TABLE accounts ADD COLUMN disabled_at TEXT',
  POLICY_WORK_TABLES,
  `
  CREATE TABLE retention (
    org_id TEXT NOT NULL REFERENCES organisations, kind TEXT NOT NULL, days INTEGER NOT NULL,
    PRIMARY KEY (org_id, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_by_arrival ON events (org_id, kind, received_at);
  `,
  `
  ALTER TABLE acts ADD COLUMN came_from TEXT;
  ALTER TABLE acts ADD COLUMN client TEXT;
  ALTER TABLE acts ADD COLUMN changes TEXT;
  CREATE TABLE removed_events (org_id TEXT NOT NULL, name BLOB NOT NULL, PRIMARY KEY (org_id, name)) STRICT, WITHOUT ROWID;
  `,
  LARGE_STORE_TABLES,
  STREAM_TABLES,
  UPGRADE_TABLES,
];
