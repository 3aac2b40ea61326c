import type { Filter, Test } from '../filter/read-filter.ts';
import { HOUR } from './bars.ts';
import { and, type Conditions } from './conditions.ts';
import { among } from './event-conditions.ts';

/** Adds the hours that a filter's time touches, with its kinds and tools. */
export function addHours(where: Conditions, { from, to, tests = {} }: Filter): void {
  and(where, 'hour >= ?', from?.slice(0, HOUR));
  and(where, 'hour <= ?', to?.slice(0, HOUR));
  for (const name of ['kind', 'tool']) {
    const test = tests[name];
    if (test !== undefined) among(where, name, test as Test<string>);
  }
}
