import type { ActivePolicy } from './policy.ts';
import type { PolicyRun } from './records.ts';
import { type RuleSet, readyRules } from './rule-set.ts';

/** Ids under which the tried rule, and the stored one it is compared with, are judged. */
export const TRIED = 'tried';
export const STORED = 'stored';

/**
 * The rules of a look back: what is asked for, what it is compared with, and, where steps of sequences ask for the verdicts of
 * others, all the policies that are on.
 */
export function triedRules(
  asked: PolicyRun['asked'],
  stored: ActivePolicy | undefined,
  active: readonly ActivePolicy[],
): RuleSet {
  const tried: ActivePolicy = { ...asked.rule, id: TRIED, version: 0, severity: 'low', targets: asked.targets };
  const rules = stored === undefined ? [tried] : [tried, { ...stored, id: STORED }];
  const asksOthers = rules.some(({ sequence }) => sequence !== null);
  return readyRules([...(asksOthers ? active.filter(({ sequence }) => sequence === null) : []), ...rules]).rules;
}
