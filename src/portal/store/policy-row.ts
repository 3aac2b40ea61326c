import type { PackPolicy, Rule, Severity } from '../policies/policy.ts';
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

/** What is written when a policy becomes another. */
export interface WrittenPolicy {
  id: string;
  version: number;
  draft: PolicyDraft;
  packVersion: number | null;
  edited: boolean;
  note: string;
  at: string;
  by: string;
}

/** Who installs what is built in, in the administration log. */
export const PACK_ACTOR = 'portal';

/** Which pack this is, as the database remembers it. */
export const packState = (pack: readonly PackPolicy[]): string =>
  pack.map(({ id, packVersion }) => `${id}:${packVersion}`).join(' ');

/**
 * What a pack makes of a policy that is (or is not) there: its own words and rule, but the organisation's severity, targets and
 * switch. Undefined where it was edited, or is as new. Pure.
 */
export function renewedBy(policy: PackPolicy, stored: PolicyRow | undefined, at: string): WrittenPolicy | undefined {
  const { id, packVersion, name, description } = policy;
  if (stored !== undefined && (stored.edited === 1 || (stored.pack_version ?? 0) >= packVersion)) return undefined;
  const { targets, severity, enabled } =
    stored === undefined ? { ...policy, targets: NOBODY_LEFT_OUT } : toDraft(stored);
  return {
    ...{ id, version: (stored?.version ?? 0) + 1, packVersion, edited: false, at, by: PACK_ACTOR },
    draft: { ...ruleFrom(draftRow(policy)), name, description, targets, severity, enabled },
    note: `Built-in policy, version ${packVersion}`,
  };
}
const NOBODY_LEFT_OUT: PolicyDraft['targets'] = { agents: [], users: [], workspaces: [] };
