import type { Json } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { withTildes } from '../say-changes.ts';
import type { Facts } from './gather-facts.ts';
import { chooseRepairs, REPAIRS, type Repair } from './repairs.ts';
import type { CheckResult } from './run-checks.ts';

/** A repair with what it will do, a line each, and what came of it. */
export interface PlannedRepair {
  repair: Repair;
  lines: string[];
  /** `not-done` says why. */
  result: 'planned' | 'done' | 'not-done';
  why: string | null;
}

/** What would be repaired of what was found. Changes nothing. Throws what a plan throws (`attachments-busy`, …). */
export async function planRepairs(host: Host, facts: Facts, results: readonly CheckResult[]): Promise<PlannedRepair[]> {
  const planned: PlannedRepair[] = [];
  for (const repair of chooseRepairs(REPAIRS, results)) {
    const lines = (await repair.plan(host, facts)).map((line) => withTildes(line, host.home));
    if (lines.length > 0) planned.push({ repair, lines, result: 'planned', why: null });
  }
  return planned;
}

/** Repairs one after the other; one that cannot be done is reported and stops no other. Never throws but for a bug. */
export async function doRepairs(host: Host, facts: Facts, planned: readonly PlannedRepair[]): Promise<PlannedRepair[]> {
  const done: PlannedRepair[] = [];
  for (const each of planned) done.push({ ...each, ...(await doOne(host, facts, each.repair)) });
  return done;
}

async function doOne(host: Host, facts: Facts, repair: Repair): Promise<Pick<PlannedRepair, 'result' | 'why'>> {
  try {
    await repair.act(host, facts);
    return { result: 'done', why: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { result: 'not-done', why: withTildes(error.message, host.home) };
  }
}

const HEADS: { [R in PlannedRepair['result']]: string } = {
  planned: 'To be repaired:',
  done: 'Repaired:',
  'not-done': 'Could not be repaired:',
};

/** The plan, or what came of it, for a person. Pure. */
export function sayRepairs(repairs: readonly PlannedRepair[]): string[] {
  if (repairs.length === 0) return ['Nothing of this can be repaired by itself.', ''];
  return [...Map.groupBy(repairs, ({ result }) => result)].flatMap(([result, alike]) => [
    HEADS[result],
    ...alike.flatMap(({ repair, lines, why }) =>
      [...lines, ...(why === null ? [] : [why])].map((line) => `  ${repair.id.padEnd(11)}  ${line}`),
    ),
    '',
  ]);
}

/** The same for `--json`. Pure. */
export function repairsAsJson(repairs: readonly PlannedRepair[]): Json {
  return repairs.map(({ repair: { id, heals }, lines, result, why }) => ({
    id,
    heals: [...heals],
    lines,
    result,
    why,
  }));
}
