import { describe, Failure, systemCode } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { withTildes } from '../say-changes.ts';
import { type Check, type Finding, skipped } from './check.ts';
import type { Facts } from './gather-facts.ts';

/** A check with what it found; every path in it is as a person writes it, with `~` for the home. */
export interface CheckResult extends Finding {
  check: Check;
}

/** Runs the checks, causes before what depends on them. `before` is told of each. Never throws but for a bug. */
export async function runChecks(
  host: Host,
  checks: readonly Check[],
  facts: Facts,
  before: (check: Check) => void = () => {},
): Promise<CheckResult[]> {
  const results = new Map<string, CheckResult>();
  for (const check of inOrder(checks)) {
    before(check);
    const blocker = whatBlocks(check, results);
    const finding = blocker === null ? await look(host, check, facts) : skipped(`${blocker} failed, see there`);
    results.set(check.id, { check, ...inTildes(finding, host.home) });
  }
  return [...results.values()];
}

/** Each check after those it needs, else in the order given. Pure. Throws `TypeError` for a circle or an unknown id. */
export function inOrder(checks: readonly Check[]): Check[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const ordered = new Set<Check>();
  const place = (check: Check, above: readonly string[]) => {
    if (above.includes(check.id)) throw new TypeError(`checks need each other: ${[...above, check.id].join(' → ')}`);
    for (const id of check.needs) {
      const needed = byId.get(id);
      if (needed === undefined) throw new TypeError(`${check.id} needs ${id}, which is no check`);
      place(needed, [...above, check.id]);
    }
    ordered.add(check);
  };
  for (const check of checks) place(check, []);
  return [...ordered];
}

/** The first cause that failed, behind any number of skipped ones; null when nothing speaks against asking. Pure. */
export function whatBlocks(check: Check, results: ReadonlyMap<string, CheckResult>): string | null {
  for (const id of check.needs) {
    const cause = results.get(id);
    if (cause?.status === 'fail') return id;
    const behind = cause?.status === 'skip' ? whatBlocks(cause.check, results) : null;
    if (behind !== null) return behind;
  }
  return null;
}

/** The checks that `wanted` names (an id, or what several begin with), and all that they need. Pure. */
export function chooseChecks(checks: readonly Check[], wanted: readonly string[]): { run: Check[]; show: Set<string> } {
  const named = checks.filter(({ id }) => wanted.some((each) => id === each || id.startsWith(`${each}.`)));
  const run = new Set<Check>();
  const add = (check: Check) => {
    run.add(check);
    for (const each of checks) if (check.needs.includes(each.id)) add(each);
  };
  named.forEach(add);
  return { run: checks.filter((check) => run.has(check)), show: new Set(named.map(({ id }) => id)) };
}

async function look(host: Host, check: Check, facts: Facts): Promise<Finding> {
  try {
    return await check.run(host, facts);
  } catch (error) {
    // Something of the machine's is in the way of looking; anything else is a bug and is to be seen.
    if (!(error instanceof Failure) && systemCode(error) === undefined) throw error;
    const hint = error instanceof Failure ? error.hint : undefined;
    return { status: 'unknown', read: [], evidence: [describe(error)], fix: { say: hint ?? check.remedy } };
  }
}

function inTildes({ status, read, evidence, fix }: Finding, home: string): Finding {
  const tidy = (text: string) => withTildes(text, home);
  return {
    status,
    read: read.map(tidy),
    evidence: evidence.map(tidy),
    fix: fix === null ? null : { say: tidy(fix.say), ...(fix.command !== undefined && { command: tidy(fix.command) }) },
  };
}
