import type { Comparison, Filter, Sort, Test } from '../filter/read-filter.ts';
import { and, type Conditions, holding } from './conditions.ts';
import { among, amongEither, compare, either } from './event-conditions.ts';

type Texts = Test<string>;

/** What the two databases say differently. */
export interface SessionWords {
  /** What the user's column is called. */
  user: string;
  /** The table of events, called `e`, as a session's are looked for. */
  events: string;
  /** The organisation's id: its mark, and what the mark binds. */
  org: { sql: string; values: readonly string[] };
}

const ACTIVITIES: Readonly<Record<string, string>> = {
  prompt: 'prompts > 0',
  response: 'responses > 0',
  reasoning: 'reasonings > 0',
  tool: 'tools > 0',
};
const HAS: Readonly<Record<string, string>> = {
  failure: 'tool_failures > 0',
  redaction: 'redacted = 1',
  gap: 'lost > 0',
  detection: 'EXISTS (SELECT 1 FROM detections d WHERE d.org_id = s.org_id AND d.session_id = s.session_id)',
};
const used =
  (column: string) =>
  (value: string): [string, string[]] => [
    `EXISTS (SELECT 1 FROM session_tools t WHERE t.org_id = s.org_id AND t.session_id = s.session_id AND t.${column} = ?)`,
    [value],
  ];

// Keys of what belongs to no turn begin with a space, so they are the first of a session.
const started = (events: string) => `EXISTS (SELECT 1 FROM ${events} WHERE e.org_id = s.org_id
  AND e.session_id = s.session_id AND e.turn_key < '!' AND e.kind = 'session.started')`;

const CONDITIONS: Readonly<Record<string, (where: Conditions, test: Test, words: SessionWords) => void>> = {
  activity: (where, test, { events }) =>
    either(where, test as Texts, (what) => [what === 'session' ? started(events) : (ACTIVITIES[what] ?? 'false'), []]),
  user: (where, test, { user }) => among(where, user, test as Texts),
  agent: (where, test) => among(where, 'device_id', test as Texts),
  workspace: (where, test) => amongEither(where, ['workspace_id', 'workspace_name'], test as Texts),
  model: (where, test) => among(where, 'model', test as Texts),
  mode: (where, test) => among(where, 'mode', test as Texts),
  generation: (where, test) => among(where, 'generation', test as Texts),
  tool: (where, test) => either(where, test as Texts, used('tool')),
  mcp: (where, test) => either(where, test as Texts, used('mcp_server')),
  has: (where, test) => either(where, test as Texts, (what) => [HAS[what] ?? 'false', []]),
  duration: (where, test) => compare(where, 'duration_ms', test as Test<Comparison>),
  turns: (where, test) => compare(where, 'turns', test as Test<Comparison>),
  credits: (where, test) => compare(where, 'credits', test as Test<Comparison>),
  exit: (where, test, { org }) =>
    either(where, test as Test<Comparison>, ({ op, value }) => {
      const ops = op === '<>' ? ['<', '>'] : [op];
      return [ops.map((each) => exited(org.sql, each)).join(' OR '), ops.flatMap(() => [...org.values, value])];
    }),
};

/** An index finds what is smaller or larger; for "is not" it would be read from end to end. */
const exited = (org: string, op: string) => `session_id IN
  (SELECT x.session_id FROM session_exits x WHERE x.org_id = ${org} AND x.exit_code ${op} CAST(? AS DOUBLE PRECISION))`;

/** Adds what a filter asks of the table of sessions, called `s`, in words that either database understands. */
export function addSessionConditions(
  where: Conditions,
  { from, to, words, tests = {} }: Filter,
  spoken: SessionWords,
): void {
  and(where, 'last_event_at >= ?', from);
  and(where, 'started_at <= ?', to);
  for (const { text } of words ?? []) {
    const columns = ['title', 'first_prompt', 'workspace_name', spoken.user].map((name) => `coalesce(${name}, '')`);
    and(where, `lower(${columns.join(" || ' ' || ")}) LIKE lower(?) ESCAPE '\\'`, holding(text));
  }
  for (const [name, test] of Object.entries(tests)) CONDITIONS[name]?.(where, test, spoken);
}

const SORTS: Readonly<Record<string, string>> = {
  lastEvent: 'last_event_at',
  started: 'started_at',
  duration: 'coalesce(duration_ms, -1)',
  turns: 'turns',
  tools: 'tools',
  failures: 'tool_failures',
  credits: 'coalesce(credits, -1)',
};

/** The expression that sessions are ordered by, and the direction. */
export function sessionOrder(sort: Sort | undefined): { by: string; descending: boolean } {
  const by = SORTS[sort?.by ?? ''];
  return by === undefined ? { by: 'last_event_at', descending: true } : { by, descending: sort?.descending ?? true };
}
