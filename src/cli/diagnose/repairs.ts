import type { Host } from '../../core/host.ts';
import type { Facts } from './gather-facts.ts';
import type { CheckResult } from './run-checks.ts';

/** One thing that `--fix` does. It does nothing that `install` or `restart` would not. */
export interface Repair {
  id: string;
  /** The checks that it heals. */
  heals: readonly string[];
  /** What it would do, a line each; empty when there is nothing for it to do. Changes nothing. */
  plan(host: Host, facts: Facts): string[] | Promise<string[]>;
  /** Does it. Throws a `Failure` when it cannot be done. */
  act(host: Host, facts: Facts): void | Promise<void>;
}

/** The repairs that heal something of what was found, each once, in their own order. Pure. */
export function chooseRepairs(repairs: readonly Repair[], results: readonly CheckResult[]): Repair[] {
  const amiss = new Set(
    results.filter(({ status }) => status === 'fail' || status === 'warn').map(({ check }) => check.id),
  );
  return repairs.filter(({ heals }) => heals.some((id) => amiss.has(id)));
}
