import { WORDS_VECTOR } from './event-words.ts';

/** Events and what lists, search, charts and the proof of the log are read from. Its place among the migrations is in `schema.ts`. */
export const EVENT_TABLES = `
  -- An event's number is its place in the organisation's chain: it rises in the order of commits, and no sequence is shared.
  CREATE TABLE events (
    org_id TEXT NOT NULL, seq BIGINT NOT NULL, event_id TEXT NOT NULL,
    kind TEXT NOT NULL, time TEXT NOT NULL, session_id TEXT NOT NULL, turn_key TEXT NOT NULL, ordinal DOUBLE PRECISION NOT NULL,
    workspace_id TEXT, workspace_name TEXT, device_id TEXT NOT NULL, user_name TEXT NOT NULL, generation TEXT NOT NULL, model TEXT,
    tool TEXT, mcp_server TEXT, success INTEGER, exit_code DOUBLE PRECISION, duration_ms DOUBLE PRECISION, rules TEXT,
    received_at TEXT NOT NULL, event TEXT NOT NULL, words TEXT,
    PRIMARY KEY (org_id, seq, received_at)
  ) PARTITION BY RANGE (received_at);
  CREATE INDEX events_by_time ON events (org_id, time, seq);
  CREATE INDEX events_by_turn ON events (org_id, session_id, turn_key, ordinal, seq);
  CREATE INDEX events_by_device ON events (org_id, device_id, time, seq);
  CREATE INDEX events_by_arrival ON events (org_id, kind, received_at);
  CREATE INDEX events_by_words ON events USING GIN ((${WORDS_VECTOR})) WITH (fastupdate = on);

  -- Between which times of their own the events of an organisation lie that arrived in a month: it leads a filter's time to the
  -- months that have anything of it.
  CREATE TABLE event_months (
    org_id TEXT NOT NULL, month TEXT NOT NULL, first_time TEXT NOT NULL, last_time TEXT NOT NULL,
    PRIMARY KEY (org_id, month)
  );

  -- What makes an event be told once, whatever month it arrives in again; and where it is.
  CREATE TABLE event_ids (
    org_id TEXT NOT NULL, event_id TEXT NOT NULL, seq BIGINT NOT NULL, received_at TEXT NOT NULL,
    PRIMARY KEY (org_id, event_id)
  ) PARTITION BY HASH (org_id, event_id);
  CREATE TABLE event_ids_0 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 0);
  CREATE TABLE event_ids_1 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 1);
  CREATE TABLE event_ids_2 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 2);
  CREATE TABLE event_ids_3 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 3);
  CREATE TABLE event_ids_4 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 4);
  CREATE TABLE event_ids_5 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 5);
  CREATE TABLE event_ids_6 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 6);
  CREATE TABLE event_ids_7 PARTITION OF event_ids FOR VALUES WITH (MODULUS 8, REMAINDER 7);

  -- A link's ref is its own position: events and acts are numbered by it.
  CREATE TABLE chain (
    org_id TEXT NOT NULL, position BIGINT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL, digest BYTEA NOT NULL, hash BYTEA NOT NULL,
    PRIMARY KEY (org_id, position, at)
  ) PARTITION BY RANGE (at);

  CREATE TABLE sessions (
    org_id TEXT NOT NULL, session_id TEXT NOT NULL, device_id TEXT NOT NULL, user_name TEXT NOT NULL,
    generation TEXT NOT NULL, title TEXT, mode TEXT, model TEXT, kiro_version TEXT,
    workspace_id TEXT, workspace_path TEXT, workspace_name TEXT,
    first_prompt TEXT, first_prompt_ordinal DOUBLE PRECISION, started_at TEXT NOT NULL, last_event_at TEXT NOT NULL,
    turns INTEGER NOT NULL, prompts INTEGER NOT NULL, responses INTEGER NOT NULL, reasonings INTEGER NOT NULL,
    tools INTEGER NOT NULL, tool_failures INTEGER NOT NULL, lost DOUBLE PRECISION NOT NULL, credits DOUBLE PRECISION,
    duration_ms DOUBLE PRECISION, redacted INTEGER NOT NULL DEFAULT 0, events BIGINT NOT NULL,
    PRIMARY KEY (org_id, session_id)
  );
  CREATE INDEX sessions_by_activity ON sessions (org_id, last_event_at, session_id);
  CREATE INDEX sessions_by_device ON sessions (org_id, device_id, last_event_at, session_id);
  CREATE INDEX sessions_by_start ON sessions (org_id, started_at, session_id);
  CREATE INDEX sessions_by_duration ON sessions (org_id, coalesce(duration_ms, -1), session_id);
  CREATE INDEX sessions_by_turns ON sessions (org_id, turns, session_id);
  CREATE INDEX sessions_by_tools ON sessions (org_id, tools, session_id);
  CREATE INDEX sessions_by_failures ON sessions (org_id, tool_failures, session_id);
  CREATE INDEX sessions_by_credits ON sessions (org_id, coalesce(credits, -1), session_id);

  CREATE TABLE turns (
    org_id TEXT NOT NULL, session_id TEXT NOT NULL, turn_key TEXT NOT NULL, turn_id TEXT,
    turn_index BIGINT, first_ordinal DOUBLE PRECISION NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, reason TEXT,
    duration_ms DOUBLE PRECISION, credits DOUBLE PRECISION, tools INTEGER NOT NULL, tool_failures INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (org_id, session_id, turn_key)
  );
  CREATE INDEX turns_in_order ON turns (org_id, session_id, first_ordinal, turn_key);
  CREATE TABLE session_tools (
    org_id TEXT NOT NULL, session_id TEXT NOT NULL, tool TEXT NOT NULL, mcp_server TEXT NOT NULL,
    PRIMARY KEY (org_id, session_id, tool, mcp_server)
  );

  CREATE TABLE session_exits (
    org_id TEXT NOT NULL, exit_code DOUBLE PRECISION NOT NULL, session_id TEXT NOT NULL,
    PRIMARY KEY (org_id, exit_code, session_id)
  );
  CREATE INDEX session_exits_by_session ON session_exits (org_id, session_id);
  CREATE TABLE removed_events (org_id TEXT NOT NULL, name BYTEA NOT NULL, PRIMARY KEY (org_id, name));

  CREATE TABLE hourly (
    org_id TEXT NOT NULL, hour TEXT NOT NULL, kind TEXT NOT NULL, tool TEXT NOT NULL,
    events BIGINT NOT NULL, failures BIGINT NOT NULL, credits DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (org_id, hour, kind, tool)
  );
  CREATE TABLE values_seen (
    org_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL,
    first_seen_at TEXT NOT NULL, first_session TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    PRIMARY KEY (org_id, field, value)
  );
  CREATE INDEX values_seen_first ON values_seen (org_id, first_seen_at);

  CREATE TABLE inventories (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, workspace_id TEXT NOT NULL, workspace TEXT NOT NULL,
    time TEXT NOT NULL, session_id TEXT NOT NULL,
    PRIMARY KEY (org_id, device_id, workspace_id)
  );
  CREATE TABLE inventory_items (
    org_id TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, device_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
    scope TEXT NOT NULL, variant TEXT NOT NULL, detail TEXT NOT NULL, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    item_hash TEXT NOT NULL,
    PRIMARY KEY (org_id, item_hash)
  );
  CREATE INDEX inventory_items_by_part ON inventory_items (org_id, part, device_id, workspace_id);
  CREATE TABLE inventory_changes (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, time TEXT NOT NULL, event_id TEXT NOT NULL, place INTEGER NOT NULL,
    session_id TEXT NOT NULL, workspace TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL,
    change TEXT NOT NULL, variant_before TEXT, variant TEXT,
    PRIMARY KEY (org_id, device_id, time, event_id, place)
  );
  CREATE INDEX inventory_changes_by_time ON inventory_changes (org_id, time);
`;
