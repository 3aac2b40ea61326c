import type { DemoTurn } from '../../src/cli/demo/script.ts';

const IDS = new Set(['id', 'executionId', 'toolCallId']);

/** The same turn once more, as Kiro would record it: every id of its own is another. */
export function turnAgain({ before, after }: DemoTurn, n: number): DemoTurn {
  const again = (records: DemoTurn['before']) => records.map((record) => renamed(record, n) as typeof record);
  return { before: again(before), after: again(after) };
}

function renamed(value: unknown, n: number): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, n));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    IDS.has(key) && typeof each === 'string' && !each.includes('/') ? `${each}-again-${n}` : renamed(each, n),
  ]);
  return Object.fromEntries(entries);
}
