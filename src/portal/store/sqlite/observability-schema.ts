/**
 * What lists, search, charts and the proof of the log are read from. `events` is made anew with what is filtered by in front of
 * its JSON, and `events_by_time` holds all of that, so that a filter reads the index alone. Its place among the migrations is in
 * `schema.ts`.
 */
export const OBSERVABILITY_TABLES = `
  CREATE TABLE events_new (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, org_id TEXT NOT NULL REFERENCES organisations, event_id TEXT NOT NULL,
    kind TEXT NOT NULL, time TEXT NOT NULL, session_id TEXT NOT NULL, turn_key TEXT NOT NULL, ordinal REAL NOT NULL,
    workspace_id TEXT, workspace_name TEXT, device_id TEXT NOT NULL, user TEXT NOT NULL, generation TEXT NOT NULL, model TEXT,
    tool TEXT, mcp_server TEXT, success INTEGER, exit_code INTEGER, duration_ms REAL, rules TEXT,
    position INTEGER, received_at TEXT NOT NULL, event TEXT NOT NULL,
    UNIQUE (org_id, event_id)
  ) STRICT;
  INSERT INTO events_new
    SELECT seq, org_id, event_id, kind, time, session_id, turn_key, ordinal, workspace_id, event ->> '$.workspace.name',
      device_id, event ->> '$.device.user', event ->> '$.session.generation', event ->> '$.session.model',
      CASE kind WHEN 'tool.invoked' THEN event ->> '$.body.name' END, event ->> '$.body.mcpServer',
      event ->> '$.body.success', event ->> '$.body.exitCode', CAST(event ->> '$.body.durationMs' AS REAL),
      (SELECT ' ' || group_concat(rule, ' ') || ' '
       FROM (SELECT DISTINCT value ->> '$.rule' AS rule FROM json_each(event, '$.redactions')) HAVING count(*) > 0),
      NULL, received_at, event
    FROM events ORDER BY seq;
  DROP TABLE events;
  ALTER TABLE events_new RENAME TO events;
  CREATE INDEX events_by_time ON events (org_id, time, seq, kind, device_id, user, workspace_id, workspace_name, generation,
    model, tool, mcp_server, success, exit_code, duration_ms, rules);
  CREATE INDEX events_by_turn ON events (org_id, session_id, turn_key, ordinal, seq);
  CREATE INDEX events_by_device ON events (org_id, device_id, time, seq);
  CREATE INDEX events_by_exit ON events (org_id, exit_code, time, session_id) WHERE exit_code IS NOT NULL;
  CREATE INDEX detections_by_event ON detections (org_id, event_id);

  CREATE VIRTUAL TABLE event_words USING fts5 (org, prompt, response, arguments, result,
    content='', contentless_delete=1, tokenize='unicode61');
  CREATE TRIGGER event_words_go_too AFTER DELETE ON events BEGIN DELETE FROM event_words WHERE rowid = old.seq; END;
  INSERT INTO event_words (rowid, org, prompt, response, arguments, result)
    SELECT seq, org_id,
      CASE kind WHEN 'prompt.submitted' THEN event ->> '$.body.text' END,
      CASE WHEN kind IN ('agent.responded', 'agent.reasoned') THEN event ->> '$.body.text' END,
      CASE kind WHEN 'tool.invoked' THEN tool || ' ' || coalesce(mcp_server, '') || ' ' ||
        replace(replace(coalesce(event ->> '$.body.arguments', ''), '\\n', ' '), '\\t', ' ') END,
      CASE kind WHEN 'tool.invoked' THEN
        replace(replace(coalesce(event ->> '$.body.result', ''), '\\n', ' '), '\\t', ' ') END
    FROM events;

  CREATE TABLE session_tools (
    org_id TEXT NOT NULL, session_id TEXT NOT NULL, tool TEXT NOT NULL, mcp_server TEXT NOT NULL,
    PRIMARY KEY (org_id, session_id, tool, mcp_server)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO session_tools SELECT org_id, session_id, tool, coalesce(mcp_server, '') FROM events WHERE tool IS NOT NULL;
  ALTER TABLE sessions ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;
  UPDATE sessions SET redacted = 1 WHERE EXISTS
    (SELECT 1 FROM events e WHERE e.org_id = sessions.org_id AND e.session_id = sessions.session_id AND e.rules IS NOT NULL);
  CREATE INDEX sessions_by_start ON sessions (org_id, started_at, session_id);
  CREATE INDEX sessions_by_duration ON sessions (org_id, coalesce(duration_ms, -1), session_id);
  CREATE INDEX sessions_by_turns ON sessions (org_id, turns, session_id);
  CREATE INDEX sessions_by_tools ON sessions (org_id, tools, session_id);
  CREATE INDEX sessions_by_failures ON sessions (org_id, tool_failures, session_id);
  CREATE INDEX sessions_by_credits ON sessions (org_id, coalesce(credits, -1), session_id);

  CREATE TABLE hourly (
    org_id TEXT NOT NULL, hour TEXT NOT NULL, kind TEXT NOT NULL, tool TEXT NOT NULL,
    events INTEGER NOT NULL, failures INTEGER NOT NULL, credits REAL NOT NULL,
    PRIMARY KEY (org_id, hour, kind, tool)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO hourly
    SELECT org_id, substr(time, 1, 13), kind, coalesce(tool, ''), count(*), sum(tool IS NOT NULL AND success IS 0),
      sum(CAST(coalesce(CASE kind WHEN 'turn.ended' THEN event ->> '$.body.credits' END, 0) AS REAL))
    FROM events GROUP BY 1, 2, 3, 4;

  CREATE TABLE values_seen (
    org_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL,
    first_seen_at TEXT NOT NULL, first_session TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    PRIMARY KEY (org_id, field, value)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX values_seen_first ON values_seen (org_id, first_seen_at);
  INSERT INTO values_seen
    SELECT org_id, 'user', user, user, min(time), session_id, max(time) FROM events GROUP BY org_id, user
    UNION ALL SELECT org_id, 'workspace', workspace_id, workspace_name, min(time), session_id, max(time)
      FROM events WHERE workspace_id IS NOT NULL GROUP BY org_id, workspace_id
    UNION ALL SELECT org_id, 'tool', tool, tool, min(time), session_id, max(time) FROM events WHERE tool IS NOT NULL
      GROUP BY org_id, tool
    UNION ALL SELECT org_id, 'mcp', mcp_server, mcp_server, min(time), session_id, max(time) FROM events
      WHERE mcp_server IS NOT NULL GROUP BY org_id, mcp_server
    UNION ALL SELECT org_id, 'model', model, model, min(time), session_id, max(time) FROM events WHERE model IS NOT NULL
      GROUP BY org_id, model;

  CREATE TABLE inventories (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, workspace_id TEXT NOT NULL, workspace TEXT NOT NULL,
    time TEXT NOT NULL, session_id TEXT NOT NULL,
    PRIMARY KEY (org_id, device_id, workspace_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE inventory_items (
    org_id TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, device_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
    scope TEXT NOT NULL, variant TEXT NOT NULL, detail TEXT NOT NULL, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    PRIMARY KEY (org_id, part, name, device_id, workspace_id, scope, variant)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE inventory_changes (
    org_id TEXT NOT NULL, device_id TEXT NOT NULL, time TEXT NOT NULL, event_id TEXT NOT NULL, place INTEGER NOT NULL,
    session_id TEXT NOT NULL, workspace TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL,
    change TEXT NOT NULL, variant_before TEXT, variant TEXT,
    PRIMARY KEY (org_id, device_id, time, event_id, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inventory_changes_by_time ON inventory_changes (org_id, time);

  ALTER TABLE agents ADD COLUMN attention INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE agents ADD COLUMN coverage REAL;
  UPDATE agents SET attention = coalesce(json_array_length(heartbeat, '$.health') > 0, 0),
    coverage = 100.0 * (heartbeat ->> '$.attachments.attached') / nullif(heartbeat ->> '$.attachments.known', 0);
  CREATE INDEX agents_in_short ON agents (org_id, user, device_id, name, os, agent_version, last_seen_at, enrolled_at,
    last_event_at, attention, coverage);

  CREATE TABLE chain (
    org_id TEXT NOT NULL, position INTEGER NOT NULL, what TEXT NOT NULL, ref INTEGER NOT NULL,
    digest BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (org_id, position)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * For stores of ten million events: the index of words knows the first four letters of each, so that a beginning of thousands of
 * words is read in order; which exit codes a session has is kept by session instead of by event; and the index that sessions are
 * listed by holds what they are filtered by.
 */
export const LARGE_STORE_TABLES = `
  DROP TABLE event_words;
  CREATE VIRTUAL TABLE event_words USING fts5 (org, prompt, response, arguments, result,
    content='', contentless_delete=1, tokenize='unicode61', prefix='4');
  INSERT INTO event_words (rowid, org, prompt, response, arguments, result)
    SELECT seq, org_id,
      CASE kind WHEN 'prompt.submitted' THEN event ->> '$.body.text' END,
      CASE WHEN kind IN ('agent.responded', 'agent.reasoned') THEN event ->> '$.body.text' END,
      CASE kind WHEN 'tool.invoked' THEN tool || ' ' || coalesce(mcp_server, '') || ' ' ||
        replace(replace(coalesce(event ->> '$.body.arguments', ''), '\\n', ' '), '\\t', ' ') END,
      CASE kind WHEN 'tool.invoked' THEN
        replace(replace(coalesce(event ->> '$.body.result', ''), '\\n', ' '), '\\t', ' ') END
    FROM events;
  CREATE VIRTUAL TABLE event_terms USING fts5vocab (event_words, instance);

  DROP INDEX events_by_exit;
  CREATE TABLE session_exits (
    org_id TEXT NOT NULL, exit_code INTEGER NOT NULL, session_id TEXT NOT NULL,
    PRIMARY KEY (org_id, exit_code, session_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_exits_by_session ON session_exits (org_id, session_id);
  INSERT OR IGNORE INTO session_exits SELECT org_id, exit_code, session_id FROM events WHERE exit_code IS NOT NULL;

  DROP INDEX sessions_by_activity;
  CREATE INDEX sessions_by_activity ON sessions (org_id, last_event_at, session_id, user, device_id, workspace_id,
    workspace_name, model, mode, generation, started_at, duration_ms, credits, turns, prompts, responses, reasonings, tools,
    tool_failures, lost, redacted);
`;
