import type { CapsuleEvent } from '../../../core/event.ts';
import { sessionRow, turnRow } from '../event-sums.ts';
import type { OfOrg } from './database.ts';
import { insertAll, replacing } from './insert-all.ts';

type Added<F extends (...given: never[]) => { org: string }> = Omit<ReturnType<F>, 'org'>;
type Turn = Added<typeof turnRow> & { events: number };
type Session = Added<typeof sessionRow> & { last: string; events: number };

/** Column, type, and what it is called in the sums of `event-sums.ts`. */
type Mapping<T> = readonly (readonly [column: string, type: string, name: keyof T & string])[];
const TURN: Mapping<Turn> = [
  ...([
    ['session_id', 'text', 'session'],
    ['turn_key', 'text', 'key'],
    ['turn_id', 'text', 'turn'],
  ] as const),
  ...([
    ['turn_index', 'bigint', 'index'],
    ['first_ordinal', 'double precision', 'ordinal'],
  ] as const),
  ...([
    ['started_at', 'text', 'time'],
    ['ended_at', 'text', 'ended'],
    ['reason', 'text', 'reason'],
  ] as const),
  ...([
    ['duration_ms', 'double precision', 'duration'],
    ['credits', 'double precision', 'credits'],
  ] as const),
  ...([
    ['tools', 'integer', 'tools'],
    ['tool_failures', 'integer', 'failures'],
    ['events', 'integer', 'events'],
  ] as const),
];
const SESSION: Mapping<Session> = [
  ...([
    ['session_id', 'text', 'session'],
    ['device_id', 'text', 'device'],
    ['user_name', 'text', 'user'],
  ] as const),
  ...([
    ['generation', 'text', 'generation'],
    ['title', 'text', 'title'],
    ['mode', 'text', 'mode'],
  ] as const),
  ...([
    ['model', 'text', 'model'],
    ['kiro_version', 'text', 'version'],
    ['workspace_id', 'text', 'workspace'],
  ] as const),
  ...([
    ['workspace_path', 'text', 'path'],
    ['workspace_name', 'text', 'name'],
    ['first_prompt', 'text', 'prompt'],
  ] as const),
  ...([
    ['first_prompt_ordinal', 'double precision', 'ordinal'],
    ['started_at', 'text', 'time'],
  ] as const),
  ...([
    ['last_event_at', 'text', 'last'],
    ['turns', 'integer', 'turns'],
    ['prompts', 'integer', 'prompts'],
  ] as const),
  ...([
    ['responses', 'integer', 'responses'],
    ['reasonings', 'integer', 'reasonings'],
    ['tools', 'integer', 'tools'],
  ] as const),
  ...([
    ['tool_failures', 'integer', 'failures'],
    ['lost', 'double precision', 'lost'],
  ] as const),
  ...([
    ['credits', 'double precision', 'credits'],
    ['duration_ms', 'double precision', 'duration'],
  ] as const),
  ...([
    ['redacted', 'integer', 'redacted'],
    ['events', 'bigint', 'events'],
  ] as const),
];

/**
 * Adds new events to their turns and sessions: what is stored is read, added to by `addToTurn` and `addToSession`, and written
 * back, two statements a table for any number of events. The caller's lock keeps everybody else away meanwhile.
 */
export async function addToSessions(rows: OfOrg, events: readonly CapsuleEvent[]): Promise<void> {
  const sessions = await stored(rows, 'sessions', SESSION, [...new Set(events.map(({ session }) => session.id))]);
  const turns = await storedTurns(rows, events);
  const tools = new Map<string, { session_id: string; tool: string; mcp_server: string }>();
  const exits = new Map<string, { session_id: string; exit_code: number }>();
  for (const event of events) {
    const turn = turnRow(rows.org, event);
    const place = `${turn.session} ${turn.key}`;
    const before = turns.get(place);
    turns.set(place, addToTurn(before, turn));
    sessions.set(
      turn.session,
      addToSession(sessions.get(turn.session), sessionRow(rows.org, event, before === undefined)),
    );
    if (event.kind !== 'tool.invoked') continue;
    const { name, mcpServer, exitCode } = event.body;
    const used = { session_id: turn.session, tool: key(name), mcp_server: key(mcpServer ?? '') };
    tools.set(Object.values(used).join('\n'), used);
    if (exitCode !== null) exits.set(`${turn.session} ${exitCode}`, { session_id: turn.session, exit_code: exitCode });
  }
  await write(rows, 'turns', TURN, ['session_id', 'turn_key'], turns.values());
  await write(rows, 'sessions', SESSION, ['session_id'], sessions.values());
  await insertAll(
    rows,
    'session_tools',
    { session_id: 'text', tool: 'text', mcp_server: 'text' },
    [...tools.values()],
    ONCE,
  );
  await insertAll(
    rows,
    'session_exits',
    { session_id: 'text', exit_code: 'double precision' },
    [...exits.values()],
    ONCE,
  );
}
const ONCE = 'ON CONFLICT DO NOTHING';

/** A name as a key has it: an index of PostgreSQL holds no long ones. */
export const key = (name: string): string => name.slice(0, 250);

async function stored<T extends { session: string }>(
  rows: OfOrg,
  table: string,
  mapping: Mapping<T>,
  sessions: readonly string[],
): Promise<Map<string, T>> {
  const found = await rows.all<T>(
    `SELECT ${read(mapping)} FROM ${table} WHERE org_id = $1 AND session_id = ANY(?::text[])`,
    [sessions],
  );
  return new Map(found.map((row) => [row.session, row]));
}

async function storedTurns(rows: OfOrg, events: readonly CapsuleEvent[]): Promise<Map<string, Turn>> {
  const places = events.map((event) => turnRow(rows.org, event));
  const found = await rows.all<Turn>(
    `SELECT ${read(TURN)} FROM turns JOIN unnest(?::text[], ?::text[]) AS wanted (s, k) ON session_id = s AND turn_key = k
     WHERE org_id = $1`,
    [places.map(({ session }) => session), places.map((place) => place.key)],
  );
  return new Map(found.map((row) => [`${row.session} ${row.key}`, row]));
}

const read = (mapping: Mapping<never>): string =>
  mapping.map(([column, , name]) => `${column} AS "${name}"`).join(', ');

async function write<T extends object>(
  rows: OfOrg,
  table: string,
  mapping: Mapping<T>,
  keys: readonly string[],
  all: Iterable<T>,
): Promise<void> {
  const columns = Object.fromEntries(mapping.map(([column, type]) => [column, type]));
  const written = [...all].map((row) =>
    Object.fromEntries(mapping.map(([column, , name]) => [column, row[name] as string | number | null])),
  );
  await insertAll(rows, table, columns, written, replacing(columns, keys));
}

/** A turn with one event more. The order in which they come makes no difference. Pure. */
export function addToTurn(before: Turn | undefined, { org: _org, ...added }: ReturnType<typeof turnRow>): Turn {
  if (before === undefined) return { ...added, events: 1 };
  return {
    ...before,
    index: before.index ?? added.index,
    ordinal: Math.min(before.ordinal, added.ordinal),
    time: earlier(before.time, added.time),
    ended: added.ended ?? before.ended,
    reason: added.reason ?? before.reason,
    duration: added.duration ?? before.duration,
    credits: added.credits ?? before.credits,
    tools: before.tools + added.tools,
    failures: before.failures + added.failures,
    events: before.events + 1,
  };
}

/** A session with one event more. Pure. */
export function addToSession(
  before: Session | undefined,
  { org: _org, ...added }: ReturnType<typeof sessionRow>,
): Session {
  if (before === undefined) return { ...added, last: added.time, events: 1 };
  const newest = added.time >= before.last;
  const first = added.ordinal !== null && (before.ordinal === null || added.ordinal < before.ordinal);
  return {
    ...before,
    ...(newest && latest(before, added)),
    version: added.version ?? before.version,
    workspace: before.workspace ?? added.workspace,
    path: before.path ?? added.path,
    name: before.name ?? added.name,
    prompt: (first ? added.prompt : null) ?? before.prompt,
    ordinal: first ? added.ordinal : before.ordinal,
    time: earlier(before.time, added.time),
    last: newest ? added.time : before.last,
    turns: before.turns + added.turns,
    prompts: before.prompts + added.prompts,
    responses: before.responses + added.responses,
    reasonings: before.reasonings + added.reasonings,
    tools: before.tools + added.tools,
    failures: before.failures + added.failures,
    lost: before.lost + added.lost,
    credits: added.credits === null ? before.credits : (before.credits ?? 0) + added.credits,
    duration: added.duration === null ? before.duration : (before.duration ?? 0) + added.duration,
    redacted: Math.max(before.redacted, added.redacted),
    events: before.events + 1,
  };
}

/** What a session is called and works with goes by its newest event that says so. */
const latest = (before: Session, added: Pick<Session, 'title' | 'mode' | 'model'>) => ({
  title: added.title ?? before.title,
  mode: added.mode ?? before.mode,
  model: added.model ?? before.model,
});

const earlier = (a: string, b: string): string => (a < b ? a : b);
