/** The tables of policies and what they find. Its place among the migrations is in `schema.ts`. */
export const POLICY_TABLES = `
  CREATE TABLE policies (
    org_id TEXT NOT NULL REFERENCES organisations, policy_id TEXT NOT NULL, version INTEGER NOT NULL,
    name TEXT NOT NULL, severity TEXT NOT NULL, description TEXT NOT NULL, expression TEXT, sequence TEXT,
    targets TEXT NOT NULL, enabled INTEGER NOT NULL, pack_version INTEGER, edited INTEGER NOT NULL DEFAULT 0,
    strikes INTEGER NOT NULL DEFAULT 0, trouble TEXT,
    changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, deleted_at TEXT,
    PRIMARY KEY (org_id, policy_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE policy_versions (
    org_id TEXT NOT NULL, policy_id TEXT NOT NULL, version INTEGER NOT NULL, policy TEXT NOT NULL, note TEXT NOT NULL,
    at TEXT NOT NULL, by TEXT NOT NULL,
    PRIMARY KEY (org_id, policy_id, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE policy_epochs (org_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, pack TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE policy_failures (
    org_id TEXT NOT NULL, policy_id TEXT NOT NULL, hour TEXT NOT NULL, count INTEGER NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL, event_id TEXT NOT NULL,
    PRIMARY KEY (org_id, policy_id, hour)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE unjudged (
    org_id TEXT NOT NULL, event_id TEXT NOT NULL, since TEXT NOT NULL, tries INTEGER NOT NULL,
    PRIMARY KEY (org_id, event_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE content_levels (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, workspace_id TEXT NOT NULL, level TEXT NOT NULL, time TEXT NOT NULL,
    PRIMARY KEY (org_id, device_id, workspace_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE marks (
    org_id TEXT NOT NULL, session_id TEXT NOT NULL, rule_id TEXT NOT NULL, rule_version INTEGER NOT NULL,
    step INTEGER NOT NULL, event_id TEXT NOT NULL, turn TEXT, ordinal REAL NOT NULL, time TEXT NOT NULL, keys TEXT NOT NULL,
    PRIMARY KEY (org_id, session_id, rule_id, rule_version, step, event_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE detections (
    seq INTEGER PRIMARY KEY, org_id TEXT NOT NULL REFERENCES organisations, detection_id TEXT NOT NULL,
    policy_id TEXT NOT NULL, policy_version INTEGER NOT NULL, severity TEXT NOT NULL,
    event_id TEXT NOT NULL, session_id TEXT NOT NULL, device_id TEXT NOT NULL, user TEXT NOT NULL, workspace TEXT,
    time TEXT NOT NULL, found_at TEXT NOT NULL, evidence TEXT NOT NULL, retrospective INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL, reason TEXT, assignee TEXT, version INTEGER NOT NULL, changed_at TEXT NOT NULL,
    UNIQUE (org_id, detection_id)
  ) STRICT;
  CREATE INDEX detections_by_time ON detections (org_id, time, seq);
  CREATE INDEX detections_by_state ON detections (org_id, state, severity, time, seq);
  CREATE INDEX detections_by_policy ON detections (org_id, policy_id, time, seq);
  CREATE INDEX detections_by_session ON detections (org_id, session_id, policy_id);
  CREATE TABLE detection_history (
    org_id TEXT NOT NULL, detection_id TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
    change TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (org_id, detection_id, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE webhooks (
    org_id TEXT NOT NULL REFERENCES organisations, webhook_id TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL,
    severities TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL, deleted_at TEXT,
    PRIMARY KEY (org_id, webhook_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE notices (
    seq INTEGER PRIMARY KEY, org_id TEXT NOT NULL, webhook_id TEXT NOT NULL, detections TEXT NOT NULL, made_at TEXT NOT NULL,
    tries INTEGER NOT NULL, next_at TEXT, done_at TEXT, trouble TEXT
  ) STRICT;
  CREATE INDEX notices_due ON notices (next_at) WHERE next_at IS NOT NULL;
`;

/** Looks back, webhooks that are off, policies that fail, and the order in which detections are worked through. */
export const POLICY_WORK_TABLES = `
  CREATE TABLE policy_runs (
    org_id TEXT NOT NULL REFERENCES organisations, run_id TEXT NOT NULL, policy_id TEXT NOT NULL, kind TEXT NOT NULL,
    asked TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL, started_at TEXT NOT NULL, started_by TEXT NOT NULL,
    ended_at TEXT,
    PRIMARY KEY (org_id, run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX policy_runs_waiting ON policy_runs (started_at, run_id) WHERE state = 'running';

  ALTER TABLE policies ADD COLUMN failures_in_row INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX policies_failing ON policies (org_id, policy_id) WHERE failures_in_row > 0;
  ALTER TABLE webhooks ADD COLUMN disabled_at TEXT;

  ALTER TABLE detections ADD COLUMN rank INTEGER GENERATED ALWAYS AS
    (CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END) VIRTUAL;
  CREATE INDEX detections_by_rank ON detections (org_id, rank, time, seq);
  CREATE INDEX detections_to_do ON detections (org_id, rank, time, seq) WHERE state IN ('open', 'in_review');
`;

/** Streams to other systems; and the step of each detection, by which they follow its changes. */
export const STREAM_TABLES = `
  CREATE TABLE streams (
    org_id TEXT NOT NULL REFERENCES organisations, stream_id TEXT NOT NULL, settings TEXT NOT NULL, secret TEXT NOT NULL,
    created_at TEXT NOT NULL, created_by TEXT NOT NULL, deleted_at TEXT, disabled_at TEXT,
    position INTEGER NOT NULL, step INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, sent_at TEXT, missed INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, next_at TEXT, trouble TEXT,
    PRIMARY KEY (org_id, stream_id)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE detections ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
  UPDATE detections SET step = seq;
  CREATE UNIQUE INDEX detections_by_step ON detections (org_id, step);
`;
