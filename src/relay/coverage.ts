/** How many turns Kiro recorded, how many the hook told of, and how many reached the portal: by day and workspace. */
import type { Database } from '../core/database.ts';
import type { CapsuleEvent } from '../core/event.ts';
import type { Queries } from './queries.ts';

export const COVERAGE_TABLE = `CREATE TABLE coverage (
  day TEXT NOT NULL, workspace TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0, rings INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (day, workspace)) STRICT`;

/** One day (UTC) in one workspace. */
export interface Coverage {
  /** `2026-09-03`. */
  day: string;
  /** The folder's path; null: without one. */
  workspace: string | null;
  /** Turns whose end Kiro recorded and we took in. */
  seen: number;
  /** More than `seen` where two hooks ring for each turn, fewer where no hook runs. */
  rings: number;
  /** Of the turns seen, those the portal has acknowledged. */
  delivered: number;
}

/** A turn's end by Kiro's own record, as opposed to one that a ring stands in for. Pure. */
export function isRecordedTurn({ kind, source }: Pick<CapsuleEvent, 'kind' | 'source'>): boolean {
  return kind === 'turn.ended' && source.store !== 'hook';
}

const COUNT = {
  seen: counting('seen'),
  rings: counting('rings'),
  delivered: counting('delivered'),
};

function counting(what: string): string {
  return `INSERT INTO coverage (day, workspace, ${what}) VALUES (?, ?, 1)
    ON CONFLICT DO UPDATE SET ${what} = ${what} + 1`;
}

/** Adds one to what happened at `time` (ISO 8601) in the folder. */
export function countTurn(
  sql: Queries,
  what: keyof typeof COUNT,
  { time, workspace }: { time: string; workspace: string | null },
): void {
  // A hook may name its folder with a slash at the end, Kiro's record never does.
  const folder = (workspace ?? '').replace(/(?<=.)[\\/]+$/, '');
  sql.run(COUNT[what], time.slice(0, 10), folder);
}

/** The latest day first; `from` is a day. */
export function readCoverage(database: Database, from: string): Coverage[] {
  const rows = database.prepare('SELECT * FROM coverage WHERE day >= ? ORDER BY day DESC, workspace').all(from);
  return rows.map(({ day, workspace, seen, rings, delivered }) => ({
    day: String(day),
    workspace: workspace === '' ? null : String(workspace),
    seen: Number(seen),
    rings: Number(rings),
    delivered: Number(delivered),
  }));
}

/** Forgets the days before this one (`YYYY-MM-DD`). */
export function forgetCoverage(sql: Queries, before: string): void {
  sql.run('DELETE FROM coverage WHERE day < ?', before);
}
