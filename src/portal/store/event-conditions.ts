import type { Comparison, Filter, Test } from '../filter/read-filter.ts';
import { and, type Conditions } from './conditions.ts';

type Texts = Test<string>;
type Numbers = Test<Comparison>;

/**
 * What each field of the grammar asks of a row of `events`; everything it needs is in the index by time. SQLite and PostgreSQL
 * both understand all of it.
 */
const CONDITIONS: Readonly<Record<string, (where: Conditions, test: Test, user: string) => void>> = {
  kind: (where, test) => among(where, 'kind', test as Texts),
  user: (where, test, user) => among(where, user, test as Texts),
  agent: (where, test) => among(where, 'device_id', test as Texts),
  workspace: (where, test) => amongEither(where, ['workspace_id', 'workspace_name'], test as Texts),
  tool: (where, test) => among(where, 'tool', test as Texts),
  mcp: (where, test) => among(where, 'mcp_server', test as Texts),
  model: (where, test) => among(where, 'model', test as Texts),
  generation: (where, test) => among(where, 'generation', test as Texts),
  session: (where, test) => among(where, 'session_id', test as Texts),
  turn: (where, test) => among(where, 'turn_key', test as Texts),
  success: (where, test) => among(where, 'success', asNumbers(test as Texts)),
  exit: (where, test) => compare(where, 'exit_code', test as Numbers),
  duration: (where, test) => compare(where, 'duration_ms', test as Numbers),
  redaction: (where, test) => either(where, test as Texts, (rule) => ["replace(rules, ?, '') <> rules", [` ${rule} `]]),
  has: (where, test) => either(where, test as Texts, (what) => [HAS[what] ?? 'false', []]),
};

const HAS: Readonly<Record<string, string>> = {
  failure: 'success = 0',
  redaction: 'rules IS NOT NULL',
  detection: 'EXISTS (SELECT 1 FROM detections d WHERE d.org_id = events.org_id AND d.event_id = events.event_id)',
};

/** Adds what a filter asks of events, but for its words. `user` is what the user's column is called. */
export function addEventConditions(where: Conditions, { from, to, tests = {} }: Filter, user = 'user'): void {
  and(where, 'time >= ?', from);
  and(where, 'time <= ?', to);
  for (const [name, test] of Object.entries(tests)) CONDITIONS[name]?.(where, test, user);
}

/** One of these values; none of those. A row without a value is none of them. */
export function among(where: Conditions, column: string, { is, not }: Test<string | number>): void {
  const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');
  if (is.length > 0) add(where, `${column} IN (${marks(is)})`, is);
  if (not.length > 0) add(where, `(${column} IS NULL OR ${column} NOT IN (${marks(not)}))`, not);
}

/** The same of two columns that both name a thing. */
export function amongEither(where: Conditions, columns: readonly string[], { is, not }: Texts): void {
  const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');
  const each = (values: readonly string[]) => columns.flatMap(() => values);
  if (is.length > 0) add(where, `(${columns.map((column) => `${column} IN (${marks(is)})`).join(' OR ')})`, each(is));
  if (not.length > 0) {
    add(where, `NOT coalesce(${columns.map((c) => `${c} IN (${marks(not)})`).join(' OR ')}, false)`, each(not));
  }
}

/** A number that is so; a row without one is not. */
export function compare(where: Conditions, column: string, test: Numbers): void {
  either(where, test, ({ op, value }) => [`${column} ${op} CAST(? AS DOUBLE PRECISION)`, [value]]);
}

/** Any of what `is` asks for, and nothing of `not`; `sqlOf` gives each one's condition with its values. */
export function either<V>(
  where: Conditions,
  { is, not }: Test<V>,
  sqlOf: (value: V) => [sql: string, values: (string | number)[]],
): void {
  const join = (values: readonly V[]): [string, (string | number)[]] => {
    const parts = values.map(sqlOf);
    return [parts.map(([sql]) => sql).join(' OR '), parts.flatMap(([, bound]) => bound)];
  };
  if (is.length > 0) add(where, `(${join(is)[0]})`, join(is)[1]);
  if (not.length > 0) add(where, `NOT coalesce(${join(not)[0]}, false)`, join(not)[1]);
}

const asNumbers = ({ is, not }: Texts): Test<number> => ({
  is: is.map((value) => Number(value === 'true')),
  not: not.map((value) => Number(value === 'true')),
});

function add(where: Conditions, sql: string, values: readonly (string | number)[]): void {
  where.sql.push(sql);
  where.values.push(...values);
}
