import type { DaemonState } from './daemon-state.ts';
import { count } from './say.ts';

type Capture = DaemonState['capture'];

/** What `status` says of capture, each with its name in front. `now` decides which day is today (UTC, as Kiro's times). Pure. */
export function sayCapture(
  { coverage, backfill, unknown, skippedLines }: Capture,
  now: Date,
): [name: string, text: string][] {
  const lines: ([string, string] | false)[] = [
    coverage.length > 0 && ['Turns', turnsLine(coverage, now.toISOString().slice(0, 10))],
    backfill !== null && ['Back-fill', backfillLine(backfill)],
    Object.keys(unknown).length > 0 && ['Not shown', `of Kiro’s, ${unknownLine(unknown)}`],
    skippedLines > 0 && ['Not read', `${count(skippedLines, 'record')} of Kiro’s, malformed or too long`],
  ];
  return lines.filter((line): line is [string, string] => line !== false);
}

function turnsLine(coverage: Capture['coverage'], today: string): string {
  const sum = (rows: Capture['coverage']) => {
    const of = (what: 'seen' | 'rings' | 'delivered') => rows.reduce((total, row) => total + row[what], 0);
    return `${of('seen')} recorded by Kiro, ${count(of('rings'), 'ring')}, ${of('delivered')} delivered`;
  };
  return `today ${sum(coverage.filter(({ day }) => day === today))}; 7 days ${sum(coverage)}`;
}

function backfillLine({ days, sessions, filled }: NonNullable<Capture['backfill']>): string {
  return `${filled} of ${count(sessions, 'older session')} taken in, ${days} days back`;
}

const MOST_NAMES = 5;

/** The most frequent of each; all of them are in `status --json`. Files and fields are known by how their names are made. */
function unknownLine(unknown: Capture['unknown']): string {
  const names = Object.entries(unknown).toSorted(([, a], [, b]) => b - a);
  const isFile = (name: string) => name.startsWith(FILE);
  const isField = (name: string) => !isFile(name) && FIELD.test(name);
  const parts = [
    ['records without an event', names.filter(([name]) => !isFile(name) && !isField(name))],
    ['fields that are not known', names.filter(([name]) => isField(name))],
    ['files that are not known', names.filter(([name]) => isFile(name))],
  ] as const;
  return parts.flatMap(([what, found]) => (found.length === 0 ? [] : `${what}: ${mostOf(found)}`)).join('; ');
}

const FILE = 'file ';
/** `tool_call.newField`, `.newField`. */
const FIELD = /^[\w-]*(?:\.[^\s.]+)+$/;

function mostOf(names: readonly (readonly [string, number])[]): string {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).map(([name, n]) => `${name.replace(/^file /, '')} ${n}`);
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more kinds` : ''}`;
}
