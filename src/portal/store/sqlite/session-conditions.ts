import type { Comparison, Filter, Sort, Test } from '../../filter/read-filter.ts';
import { and, type Conditions, forOrg, holding } from './conditions.ts';
import { among, amongEither, compare, either } from './event-conditions.ts';

type Texts = Test<string>;

const ACTIVITIES: Readonly<Record<string, string>> = {
  // Keys of what belongs to no turn begin with a space, so they are the first of a session.
  session: `EXISTS (SELECT 1 FROM events e INDEXED BY events_by_turn WHERE e.org_id = s.org_id
    AND e.session_id = s.session_id AND e.turn_key < '!' AND e.kind = 'session.started')`,
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

const CONDITIONS: Readonly<Record<string, (where: Conditions, test: Test, org: string) => void>> = {
  activity: (where, test) => either(where, test as Texts, (what) => [`(${ACTIVITIES[what] ?? '0'})`, []]),
  user: (where, test) => among(where, 'user', test as Texts),
  agent: (where, test) => among(where, 'device_id', test as Texts),
  workspace: (where, test) => amongEither(where, ['workspace_id', 'workspace_name'], test as Texts),
  model: (where, test) => among(where, 'model', test as Texts),
  mode: (where, test) => among(where, 'mode', test as Texts),
  generation: (where, test) => among(where, 'generation', test as Texts),
  tool: (where, test) => either(where, test as Texts, used('tool')),
  mcp: (where, test) => either(where, test as Texts, used('mcp_server')),
  has: (where, test) => either(where, test as Texts, (what) => [HAS[what] ?? '0', []]),
  duration: (where, test) => compare(where, 'duration_ms', test as Test<Comparison>),
  turns: (where, test) => compare(where, 'turns', test as Test<Comparison>),
  credits: (where, test) => compare(where, 'credits', test as Test<Comparison>),
  exit: (where, test, org) =>
    either(where, test as Test<Comparison>, ({ op, value }) =>
      op === '<>' ? [`${exited('<')} OR ${exited('>')}`, [org, value, org, value]] : [exited(op), [org, value]],
    ),
};

/** An index finds what is smaller or larger; for "is not" it would be read from end to end. */
const exited = (op: string) => `session_id IN (SELECT e.session_id FROM events e INDEXED BY events_by_exit
  WHERE e.org_id = ? AND e.exit_code IS NOT NULL AND e.exit_code ${op} ?)`;

/** What a filter asks of the table of sessions, called `s`. */
export function sessionConditions(org: string, { from, to, words, tests = {} }: Filter): Conditions {
  const where = forOrg(org);
  and(where, 'last_event_at >= ?', from);
  and(where, 'started_at <= ?', to);
  for (const { text } of words ?? []) {
    const columns = ['title', 'first_prompt', 'workspace_name', 'user'].map((column) => `coalesce(${column}, '')`);
    and(where, `(${columns.join(" || ' ' || ")}) LIKE ? ESCAPE '\\'`, holding(text));
  }
  for (const [name, test] of Object.entries(tests)) CONDITIONS[name]?.(where, test, org);
  return where;
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
