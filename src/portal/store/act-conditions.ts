import type { Filter, Test } from '../filter/read-filter.ts';
import { and, type Conditions, holding } from './conditions.ts';
import { among } from './event-conditions.ts';

/** Adds what a filter asks of administrative acts. `like` is the operator that does not heed case. */
export function addActConditions(
  where: Conditions,
  { from, to, words, tests = {} }: Filter,
  like: 'LIKE' | 'ILIKE',
): void {
  and(where, 'time >= ?', from);
  and(where, 'time <= ?', to);
  const all = `(actor || ' ' || act || ' ' || object || ' ' || coalesce(came_from, ''))`;
  for (const { text } of words ?? []) and(where, `${all} ${like} ? ESCAPE '\\'`, holding(text));
  for (const name of ['actor', 'act', 'object']) {
    const test = tests[name];
    if (test !== undefined) among(where, name, test as Test<string>);
  }
}
