/** Sessions and turns as rows, whatever the database. */
import type { Generation } from '../../core/event.ts';
import type { SessionSummary, TurnSummary } from '../answers.ts';

/** Everything of a session called `s`, as either database says it. */
export const SELECT_SESSION = `SELECT s.*,
  (SELECT name FROM agents a WHERE a.org_id = s.org_id AND a.device_id = s.device_id) AS device_name,
  (SELECT CASE WHEN t.ended_at IS NULL THEN 1 ELSE 0 END FROM turns t
   WHERE t.org_id = s.org_id AND t.session_id = s.session_id AND t.turn_id IS NOT NULL
   ORDER BY t.first_ordinal DESC, t.turn_key DESC LIMIT 1) AS open,
  (SELECT count(*) FROM detections d WHERE d.org_id = s.org_id AND d.session_id = s.session_id
   AND d.state IN ('open', 'in_review')) AS detections`;

export interface TurnRow {
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

/** null for what belongs to no turn. */
export function toTurn(row: TurnRow): TurnSummary | null {
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

export interface SessionRow {
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

/** A session as the API answers it. */
export function toSession(row: SessionRow): SessionSummary {
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
