import { type Database, inTransaction } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Severity } from '../../policies/policy.ts';
import type { Judging } from '../../policies/stored.ts';
import { eventDigest } from '../chain-hash.ts';
import { EVENT_COLUMNS, eventRow, turnKey } from '../event-row.ts';
import { sessionRow, turnRow } from '../event-sums.ts';
import { removedName } from '../removed-name.ts';
import { openChain } from './chain.ts';
import { indexWords } from './event-words.ts';
import { addToHours } from './hourly.ts';
import { keepInventory } from './inventory-items.ts';
import { judgeStored, type RuleCache } from './judging.ts';
import { keepValues } from './values-seen.ts';

/**
 * Stores events and brings the tables that lists are read from up to date: turns, sessions, agents. Everything is a sum, a
 * minimum or a maximum, so the order of arrival does not matter. New events are judged in the same transaction.
 */
export function ingest(
  database: Database,
  org: string,
  deviceId: string,
  events: readonly CapsuleEvent[],
  at: string,
  cache: RuleCache,
  judging: Judging | undefined,
): { accepted: number; duplicates: number; detections: Severity[] } {
  return inTransaction(database, () => {
    const accepted = insertNew(database, org, events, at);
    const findTurn = database.prepare(FIND_TURN);
    const addToTurn = database.prepare(ADD_TO_TURN);
    const addToSession = database.prepare(ADD_TO_SESSION);
    const addTool = database.prepare(ADD_TOOL);
    const addExit = database.prepare(ADD_EXIT);
    for (const event of accepted) {
      const isNewTurn = findTurn.get(org, event.session.id, turnKey(event)) === undefined;
      addToTurn.run(turnRow(org, event));
      addToSession.run(sessionRow(org, event, isNewTurn));
      if (event.kind === 'tool.invoked') {
        addTool.run(org, event.session.id, event.body.name, event.body.mcpServer ?? '');
        if (event.body.exitCode !== null) addExit.run(org, event.body.exitCode, event.session.id);
      }
      if (event.kind === 'session.started') keepInventory(database, org, event);
    }
    addToHours(database, org, accepted);
    keepValues(database, org, accepted);
    touchAgent(database, org, deviceId, events, accepted.length, at);
    const detections = judgeStored(database, cache, judging, { org, events: accepted, at });
    return { accepted: accepted.length, duplicates: events.length - accepted.length, detections };
  });
}

const INSERT_EVENT = `INSERT INTO events (${EVENT_COLUMNS.join(', ')}) VALUES (${EVENT_COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (org_id, event_id) DO NOTHING`;

/** Stores those that are not there and never were, each with its words and its link in the chain. */
function insertNew(database: Database, org: string, events: readonly CapsuleEvent[], at: string): CapsuleEvent[] {
  const insert = database.prepare(INSERT_EVENT);
  const removed = database.prepare(FIND_REMOVED);
  const index = indexWords(database);
  const chain = openChain(database, org);
  return events.filter((event) => {
    // Who sends again what retention took away must not bring it back.
    if (removed.get(org, removedName(event.id)) !== undefined) return false;
    const json = JSON.stringify(event);
    const { changes, lastInsertRowid } = insert.run(...eventRow(org, event, json, at, chain.next()));
    if (changes === 0) return false;
    index(org, lastInsertRowid, event);
    chain.add('event', lastInsertRowid, eventDigest(event.id, at, json));
    return true;
  });
}

/** An event that retention removed, by `removedName`. */
export const FIND_REMOVED = 'SELECT 1 FROM removed_events WHERE org_id = ? AND name = ?';

const ADD_TOOL =
  'INSERT INTO session_tools (org_id, session_id, tool, mcp_server) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

const ADD_EXIT = 'INSERT INTO session_exits (org_id, exit_code, session_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';

const FIND_TURN = 'SELECT 1 FROM turns WHERE org_id = ? AND session_id = ? AND turn_key = ?';

const ADD_TO_TURN = `INSERT INTO turns
  (org_id, session_id, turn_key, turn_id, turn_index, first_ordinal, started_at, ended_at, reason, duration_ms, credits,
   tools, tool_failures, events)
  VALUES ($org, $session, $key, $turn, $index, $ordinal, $time, $ended, $reason, $duration, $credits, $tools, $failures, 1)
  ON CONFLICT (org_id, session_id, turn_key) DO UPDATE SET
    turn_index = coalesce(turn_index, excluded.turn_index),
    first_ordinal = min(first_ordinal, excluded.first_ordinal),
    started_at = min(started_at, excluded.started_at),
    ended_at = coalesce(excluded.ended_at, ended_at),
    reason = coalesce(excluded.reason, reason),
    duration_ms = coalesce(excluded.duration_ms, duration_ms),
    credits = coalesce(excluded.credits, credits),
    tools = tools + excluded.tools,
    tool_failures = tool_failures + excluded.tool_failures,
    events = events + 1`;

const ADD_TO_SESSION = `INSERT INTO sessions
  (org_id, session_id, device_id, user, generation, title, mode, model, kiro_version, workspace_id, workspace_path,
   workspace_name, first_prompt, first_prompt_ordinal, started_at, last_event_at, turns, prompts, responses, reasonings,
   tools, tool_failures, lost, credits, duration_ms, redacted, events)
  VALUES ($org, $session, $device, $user, $generation, $title, $mode, $model, $version, $workspace, $path, $name, $prompt,
   $ordinal, $time, $time, $turns, $prompts, $responses, $reasonings, $tools, $failures, $lost, $credits, $duration, $redacted, 1)
  ON CONFLICT (org_id, session_id) DO UPDATE SET
    title = CASE WHEN excluded.last_event_at >= last_event_at THEN coalesce(excluded.title, title) ELSE title END,
    mode = CASE WHEN excluded.last_event_at >= last_event_at THEN coalesce(excluded.mode, mode) ELSE mode END,
    model = CASE WHEN excluded.last_event_at >= last_event_at THEN coalesce(excluded.model, model) ELSE model END,
    kiro_version = coalesce(excluded.kiro_version, kiro_version),
    workspace_id = coalesce(workspace_id, excluded.workspace_id),
    workspace_path = coalesce(workspace_path, excluded.workspace_path),
    workspace_name = coalesce(workspace_name, excluded.workspace_name),
    first_prompt = CASE WHEN first_prompt_ordinal IS NULL OR excluded.first_prompt_ordinal < first_prompt_ordinal
      THEN coalesce(excluded.first_prompt, first_prompt) ELSE first_prompt END,
    first_prompt_ordinal = CASE WHEN first_prompt_ordinal IS NULL THEN excluded.first_prompt_ordinal
      ELSE min(first_prompt_ordinal, coalesce(excluded.first_prompt_ordinal, first_prompt_ordinal)) END,
    started_at = min(started_at, excluded.started_at),
    last_event_at = max(last_event_at, excluded.last_event_at),
    turns = turns + excluded.turns,
    prompts = prompts + excluded.prompts,
    responses = responses + excluded.responses,
    reasonings = reasonings + excluded.reasonings,
    tools = tools + excluded.tools,
    tool_failures = tool_failures + excluded.tool_failures,
    lost = lost + excluded.lost,
    credits = CASE WHEN excluded.credits IS NULL THEN credits ELSE coalesce(credits, 0) + excluded.credits END,
    duration_ms = CASE WHEN excluded.duration_ms IS NULL THEN duration_ms
      ELSE coalesce(duration_ms, 0) + excluded.duration_ms END,
    redacted = max(redacted, excluded.redacted),
    events = events + 1`;

function touchAgent(
  database: Database,
  org: string,
  deviceId: string,
  events: readonly CapsuleEvent[],
  accepted: number,
  at: string,
): void {
  const newest =
    events
      .map(({ time }) => time)
      .sort()
      .at(-1) ?? '';
  database
    .prepare(
      `UPDATE agents SET events = events + ?, last_event_at = max(coalesce(last_event_at, ''), ?), last_seen_at = ?
       WHERE org_id = ? AND device_id = ?`,
    )
    .run(accepted, newest, at, org, deviceId);
}
