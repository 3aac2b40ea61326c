import type { Actor, Page } from '../store/store.ts';
import type { Evidence } from './evidence.ts';
import type { Judgement, Unjudged } from './judge.ts';
import type { ActivePolicy, Description, PackPolicy, Rule, Severity, Targets } from './policy.ts';
import type { RuleProblem, RuleSet } from './rule-set.ts';

/** What a person writes of a policy. */
export type PolicyDraft = Rule & {
  name: string;
  severity: Severity;
  description: Description;
  targets: Targets;
  enabled: boolean;
};
export type StoredPolicy = PolicyDraft & {
  id: string;
  version: number;
  /** Of the built-in policy it is or was made from; null for the organisation's own. */
  packVersion: number | null;
  /** A built-in policy whose rule the organisation has changed: a newer pack leaves it alone. */
  edited: boolean;
  /** Why the portal switched it off; null otherwise. */
  trouble: string | null;
  changedAt: string;
  changedBy: Actor;
  /** In the last seven days, and those that are not settled. */
  matches: number;
  open: number;
  /** Of the last hour in which there were any. */
  failures: { hour: string; count: number; code: string; message: string; event: string } | null;
};
export interface PolicyVersion {
  version: number;
  policy: PolicyDraft;
  note: string;
  at: string;
  by: Actor;
}

export interface PolicyStore {
  /** Adds what the pack has and the organisation has not, and renews what it has not edited. Does nothing the second time. */
  installPack(org: string, pack: readonly PackPolicy[], at: string): Promise<void>;
  list(org: string, at: string): Promise<StoredPolicy[]>;
  get(org: string, id: string, at: string): Promise<StoredPolicy | undefined>;
  versions(org: string, id: string): Promise<PolicyVersion[]>;
  create(org: string, id: string, draft: PolicyDraft, note: string, at: string, by: Actor): Promise<void>;
  /** False when somebody else was faster: the stored version is not `version`. */
  update(
    org: string,
    id: string,
    version: number,
    draft: PolicyDraft,
    note: string,
    at: string,
    by: Actor,
  ): Promise<boolean>;
  /** An organisation's own policy goes; a built-in one is switched off for good. Its detections stay. */
  remove(org: string, id: string, version: number, at: string, by: Actor): Promise<boolean>;
}

export const DETECTION_STATES = ['open', 'in_review', 'closed', 'false_positive', 'withdrawn'] as const;
/** `withdrawn`: a sequence no longer follows from what has arrived since; only the portal does that. */
export type DetectionState = (typeof DETECTION_STATES)[number];

export interface StoredDetection {
  id: string;
  policy: string;
  policyName: string;
  policyVersion: number;
  severity: Severity;
  event: string;
  session: string;
  agent: string;
  user: string;
  workspace: string | null;
  time: string;
  foundAt: string;
  evidence: Evidence[];
  retrospective: boolean;
  state: DetectionState;
  reason: string | null;
  assignee: string | null;
  version: number;
  changedAt: string;
}
export interface DetectionFilter {
  states?: readonly DetectionState[];
  severities?: readonly Severity[];
  policy?: string;
  agent?: string;
  user?: string;
  session?: string;
  event?: string;
  assignee?: string;
  from?: string;
  to?: string;
}
export interface DetectionChange {
  state?: Exclude<DetectionState, 'withdrawn'>;
  reason?: string | null;
  assignee?: string | null;
  note: string;
}
export interface DetectionStep {
  version: number;
  at: string;
  by: Actor;
  change: { state?: DetectionState; reason?: string | null; assignee?: string | null };
  note: string;
}
export interface DetectionStore {
  /** Newest first. */
  list(org: string, filter: DetectionFilter, page: { limit: number; after?: string }): Promise<Page<StoredDetection>>;
  get(org: string, id: string): Promise<{ detection: StoredDetection; history: DetectionStep[] } | undefined>;
  /** False when the stored version is another. */
  change(org: string, id: string, version: number, change: DetectionChange, at: string, by: Actor): Promise<boolean>;
  /** How many there are of each state and severity. */
  counts(org: string): Promise<{ state: DetectionState; severity: Severity; count: number }[]>;
}

/** The judge as the store needs it, so that a command that only makes a code loads no policy engine. */
export interface Judging {
  ready(policies: readonly ActivePolicy[]): { rules: RuleSet; refused: { id: string; problem: RuleProblem }[] };
  judge(rules: RuleSet, events: readonly Unjudged[]): Judgement;
}

export interface Webhook {
  id: string;
  url: string;
  severities: Severity[];
  createdAt: string;
  createdBy: Actor;
  /** Notices that wait, and what the last one that failed met. */
  waiting: number;
  trouble: string | null;
}
/** A notice that is to be sent now. */
export interface DueNotice {
  seq: number;
  org: string;
  organisation: string;
  url: string;
  secret: string;
  detections: StoredDetection[];
  madeAt: string;
  tries: number;
}
export interface NotificationStore {
  webhooks(org: string): Promise<Webhook[]>;
  addWebhook(
    org: string,
    hook: Pick<Webhook, 'id' | 'url' | 'severities'> & { secret: string },
    at: string,
    by: Actor,
  ): Promise<void>;
  removeWebhook(org: string, id: string, at: string, by: Actor): Promise<boolean>;
  due(at: string, limit: number): Promise<DueNotice[]>;
  /** `nextAt` null: it arrived (no trouble) or is given up. */
  settle(seq: number, outcome: { at: string; nextAt: string | null; trouble: string | null }): Promise<void>;
}
