import type { DetectionField, DetectionFilter } from '../policies/stored.ts';
import { and, type Conditions } from './conditions.ts';

const COLUMNS: Readonly<Record<DetectionField, string>> = {
  state: 'state',
  severity: 'severity',
  policy: 'policy_id',
  agent: 'device_id',
  user: 'user',
  workspace: 'workspace',
  session: 'session_id',
  event: 'event_id',
  assignee: 'assignee',
};
/** Spelt out, because only then an index over what is to be done fits the question. */
const TO_DO = "state IN ('open', 'in_review')";

/** Adds what a filter asks of detections. `user` is what the user's column is called. */
export function addDetectionConditions(
  where: Conditions,
  { fields = {}, from, to }: DetectionFilter,
  user = COLUMNS.user,
): void {
  for (const [field, column] of Object.entries({ ...COLUMNS, user })) {
    const { is = [], not = [] } = fields[field as DetectionField] ?? {};
    if (field === 'state' && not.length === 0 && isToDo(is)) {
      where.sql.push(TO_DO);
      continue;
    }
    among(where, column, is, 'IN');
    // What is null is not that value.
    among(where, `coalesce(${column}, '')`, not, 'NOT IN');
  }
  and(where, 'time >= ?', from);
  and(where, 'time <= ?', to);
}

const isToDo = (states: readonly string[]): boolean =>
  states.length === 2 && ['open', 'in_review'].every((state) => states.includes(state));

function among(where: Conditions, column: string, values: readonly string[], how: 'IN' | 'NOT IN'): void {
  if (values.length === 0) return;
  where.sql.push(`${column} ${how} (${values.map(() => '?').join(', ')})`);
  where.values.push(...values);
}

/** The place in a list behind a row, as an opaque text. */
export const writePlace = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Undefined for anything that `writePlace` did not write for a list of so many columns. */
export function readPlace(cursor: string, length: number): (string | number)[] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed) || parsed.length !== length) return undefined;
    const values = parsed as unknown[];
    return values.every((each) => typeof each === 'string' || typeof each === 'number') ? values : undefined;
  } catch {
    // Not ours: base64 of something that is not JSON.
    return undefined;
  }
}
