import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent, Generation } from '../../../core/event.ts';
import type { SessionSummary, TurnSummary } from '../../answers.ts';
import type { SessionStore, StoredTurn } from '../store.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { sessionConditions, sessionOrder } from './session-conditions.ts';

const SELECT = `SELECT s.*, (SELECT name FROM agents a WHERE a.org_id = s.org_id AND a.device_id = s.device_id) AS device_name,
  (SELECT t.ended_at IS NULL FROM turns t WHERE t.org_id = s.org_id AND t.session_id = s.session_id AND t.turn_id IS NOT NULL
   ORDER BY t.first_ordinal DESC, t.turn_key DESC LIMIT 1) AS open,
  (SELECT count(*) FROM detections d WHERE d.org_id = s.org_id AND d.session_id = s.session_id
   AND d.state IN ('open', 'in_review')) AS detections`;

/** The store's sessions and their turns, in this database. */
export function sessionsIn(database: Database): SessionStore {
  return {
    async list(org, filter, { limit, after, sort }) {
      const where = sessionConditions(org, filter);
      const { by, descending } = sessionOrder(sort);
      const cursor = after === undefined ? undefined : readCursor(after);
      if (cursor !== undefined) {
        where.sql.push(`(${by}, session_id) ${descending ? '<' : '>'} (?, ?)`);
        where.values.push(...cursor);
      }
      const direction = descending ? 'DESC' : 'ASC';
      const rows = database
        .prepare(
          `${SELECT}, ${by} AS sorted_by FROM sessions s WHERE ${where.sql.join(' AND ')}
           ORDER BY ${by} ${direction}, session_id ${direction} LIMIT ?`,
        )
        .all(...where.values, limit + 1) as unknown as (SessionRow & { sorted_by: string | number })[];
      return toPage(rows, limit, (row) => writeCursor(row.sorted_by, row.session_id), toSession);
    },
    async count(org, filter, limit) {
      const { sql, values } = sessionConditions(org, filter);
      const { n } = database
        .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM sessions s WHERE ${sql.join(' AND ')} LIMIT ?)`)
        .get(...values, limit + 1) as { n: number };
      return { count: Math.min(n, limit), exact: n <= limit, searchedTo: null };
    },
    async get(org, id) {
      const row = database.prepare(`${SELECT} FROM sessions s WHERE org_id = ? AND session_id = ?`).get(org, id);
      return row === undefined ? undefined : toSession(row as unknown as SessionRow);
    },
    turns: async (org, id, page) => readTurns(database, org, id, page),
    async positionOf(org, id, eventId) {
      const turn = database
        .prepare(
          `SELECT t.first_ordinal, t.turn_key FROM events e JOIN turns t
           ON t.org_id = e.org_id AND t.session_id = e.session_id AND t.turn_key = e.turn_key
           WHERE e.org_id = ? AND e.event_id = ? AND e.session_id = ?`,
        )
        .get(org, eventId, id) as { first_ordinal: number; turn_key: string } | undefined;
      if (turn === undefined) return undefined;
      const before = database
        .prepare(
          `SELECT count(*) AS n FROM turns WHERE org_id = ? AND session_id = ? AND (first_ordinal, turn_key) < (?, ?)`,
        )
        .get(org, id, turn.first_ordinal, turn.turn_key);
      return Number(before?.n ?? 0);
    },
  };
}

function readTurns(
  database: Database,
  org: string,
  session: string,
  { first, limit, maxEvents }: { first: number; limit: number; maxEvents: number },
): { entries: StoredTurn[]; total: number } {
  const total = database
    .prepare('SELECT count(*) AS n FROM turns WHERE org_id = ? AND session_id = ?')
    .get(org, session);
  const rows = database
    .prepare(
      `SELECT * FROM turns WHERE org_id = ? AND session_id = ? ORDER BY first_ordinal, turn_key LIMIT ? OFFSET ?`,
    )
    .all(org, session, limit, first) as unknown as TurnRow[];
  const eventsOf = database.prepare(
    `SELECT event FROM events WHERE org_id = ? AND session_id = ? AND turn_key = ? ORDER BY ordinal, seq LIMIT ?`,
  );
  const entries: StoredTurn[] = [];
  let room = maxEvents;
  for (const row of rows) {
    if (room <= 0) break;
    // Only a page's first turn may be cut: a later one that does not fit begins the next page.
    if (entries.length > 0 && row.events > room) break;
    const events = eventsOf.all(org, session, row.turn_key, room) as unknown as { event: string }[];
    room -= events.length;
    entries.push({
      turn: toTurn(row),
      events: events.map(({ event }) => JSON.parse(event) as CapsuleEvent),
      omitted: row.events - events.length,
    });
  }
  return { entries, total: Number(total?.n ?? 0) };
}

interface TurnRow {
  turn_key: string;
  turn_id: string | null;
  turn_index: number | null;
  started_at: string;
  ended_at: string | null;
  reason: string | null;
  duration_ms: number | null;
  credits: number | null;
  tools: number;
  tool_failures: number;
  events: number;
}

function toTurn(row: TurnRow): TurnSummary | null {
  if (row.turn_id === null) return null;
  return {
    id: row.turn_id,
    index: row.turn_index,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason,
    durationMs: row.duration_ms,
    credits: row.credits,
    tools: row.tools,
    toolFailures: row.tool_failures,
    events: row.events,
  };
}

interface SessionRow {
  session_id: string;
  device_id: string;
  device_name: string | null;
  user: string;
  generation: Generation;
  title: string | null;
  mode: string | null;
  model: string | null;
  kiro_version: string | null;
  workspace_id: string | null;
  workspace_path: string | null;
  workspace_name: string | null;
  first_prompt: string | null;
  started_at: string;
  last_event_at: string;
  open: number | null;
  turns: number;
  prompts: number;
  responses: number;
  reasonings: number;
  tools: number;
  tool_failures: number;
  lost: number;
  credits: number | null;
  duration_ms: number | null;
  events: number;
  detections: number;
}

function toSession(row: SessionRow): SessionSummary {
  const { workspace_id: workspace, workspace_path: path, workspace_name: name } = row;
  return {
    id: row.session_id,
    device: { id: row.device_id, name: row.device_name ?? row.device_id, user: row.user },
    generation: row.generation,
    title: row.title,
    firstPrompt: row.first_prompt,
    mode: row.mode,
    model: row.model,
    kiroVersion: row.kiro_version,
    workspace: workspace === null || path === null || name === null ? null : { id: workspace, path, name },
    startedAt: row.started_at,
    lastEventAt: row.last_event_at,
    open: row.open === 1,
    turns: row.turns,
    prompts: row.prompts,
    responses: row.responses,
    reasonings: row.reasonings,
    tools: row.tools,
    toolFailures: row.tool_failures,
    lost: row.lost,
    credits: row.credits,
    durationMs: row.duration_ms,
    events: row.events,
    detections: row.detections,
  };
}
