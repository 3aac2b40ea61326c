import type { Rule, Severity } from '../policies/policy.ts';
import type { PolicyDraft, StoredPolicy } from '../policies/records.ts';

/** The two columns of a rule, of which one is null. */
export interface RuleRow {
  expression: string | null;
  sequence: string | null;
}
/** A row of `policies`, with what it found lately and how it failed. */
export interface PolicyRow extends RuleRow {
  policy_id: string;
  version: number;
  name: string;
  severity: Severity;
  description: string;
  targets: string;
  enabled: number;
  pack_version: number | null;
  edited: number;
  trouble: string | null;
  changed_at: string;
  changed_by: string;
  matches: number;
  open: number;
  failures: string | null;
}

/** A rule as its two columns hold it. */
export const draftRow = ({ expression, sequence }: Rule): RuleRow => ({
  expression,
  sequence: sequence === null ? null : JSON.stringify(sequence),
});
/** To compare two. */
export const ruleOf = ({ expression, sequence }: RuleRow): string => JSON.stringify([expression, sequence]);

/** The rule that its two columns hold. */
export function ruleFrom({ expression, sequence }: RuleRow): Rule {
  if (sequence !== null) return { expression: null, sequence: JSON.parse(sequence) as NonNullable<Rule['sequence']> };
  return { expression: expression ?? '', sequence: null };
}

/** What of a policy a person may change. */
export const toDraft = (row: PolicyRow): PolicyDraft => ({
  ...ruleFrom(row),
  name: row.name,
  severity: row.severity,
  description: JSON.parse(row.description) as StoredPolicy['description'],
  targets: JSON.parse(row.targets) as StoredPolicy['targets'],
  enabled: row.enabled === 1,
});

/** The policy that a row tells of. */
export function toPolicy(row: PolicyRow): StoredPolicy {
  return {
    ...toDraft(row),
    id: row.policy_id,
    version: row.version,
    packVersion: row.pack_version,
    edited: row.edited === 1,
    trouble: row.trouble,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    matches: row.matches,
    open: row.open,
    failures: row.failures === null ? null : (JSON.parse(row.failures) as NonNullable<StoredPolicy['failures']>),
  };
}
