/** What is kept of policies and of what they found, as the API answers it. */
import type { Description, Rule, Severity, Targets } from './policy.ts';

/** As the audit log names who did it: `account:admin`, `key:<id>`, `portal`. */
type Actor = string;

/** What a policy saw: a field of the event as a JSON Pointer, and the stretch of its text in UTF-16 units; null: all of it. */
export interface Evidence {
  event: string;
  path: string;
  start: number | null;
  end: number | null;
}

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
export interface DetectionStep {
  version: number;
  at: string;
  by: Actor;
  change: { state?: DetectionState; reason?: string | null; assignee?: string | null };
  note: string;
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
  /** A webhook that is off keeps its secret and is told nothing. */
  enabled: boolean;
}

/** One notice to one webhook. */
export interface Delivery {
  id: number;
  madeAt: string;
  detections: number;
  tries: number;
  /** When it will be tried next; null when it arrived or was given up. */
  nextAt: string | null;
  doneAt: string | null;
  /** What the last try met; null: it arrived, or has not been tried. */
  trouble: string | null;
}

/** What `/api/policies` and `/api/detections` answer, and their like. */
export interface PoliciesAnswer {
  policies: StoredPolicy[];
  health: JudgingHealth;
}
export interface PolicyAnswer {
  policy: StoredPolicy;
  versions: PolicyVersion[];
}
export interface RunAnswer {
  run: PolicyRun;
}
/** A detection with the line of its event that it is about, shortened. */
export type ListedDetection = StoredDetection & { excerpt: string | null };
export interface DetectionsAnswer {
  detections: ListedDetection[];
  misunderstood: string[];
  next: string | null;
}
export interface DetectionGroupsAnswer {
  groups: { detection: ListedDetection; count: number }[];
  misunderstood: string[];
  next: string | null;
}
export interface DetectionAnswer {
  detection: StoredDetection;
  history: DetectionStep[];
}
export interface CountsAnswer {
  counts: { state: DetectionState; severity: Severity; count: number }[];
}
export interface WebhooksAnswer {
  webhooks: Webhook[];
}
export interface DeliveriesAnswer {
  deliveries: Delivery[];
}

/** A part of a policy's expression and what it says of an event; null: it cannot be said of it. */
export interface Clause {
  text: string;
  value: boolean | null;
}

/** Whether everything that is stored has been judged. */
export interface JudgingHealth {
  /** Events that wait to be judged again. */
  waiting: number;
  /** Events that failed so often that they are left alone until a policy is changed. */
  givenUp: number;
}

/** An event that a look back found. */
export interface Sample {
  event: string;
  session: string;
  agent: string;
  user: string;
  time: string;
  evidence: Evidence[];
}
/** Why a look back over stored events ended. */
export type RunEnd = 'all' | 'matches' | 'marks';
export interface RunResult {
  /** How many events were looked at, down to which time. */
  events: number;
  searchedTo: string | null;
  ended: RunEnd | null;
  matches: number;
  users: number;
  failures: number;
  firstFailure: { event: string; code: string; message: string } | null;
  /** The newest matches. */
  samples: Sample[];
  /** Against the stored version, over the same events; null for a new policy and where nothing is compared. */
  difference: { added: number; gone: number } | null;
  /** Detections that were not there before; only when it keeps what it finds. */
  kept: number;
  tookMs: number;
}
/** A look back over stored events: a dry run stores nothing, `judge` keeps what it finds as detections. */
export interface PolicyRun {
  id: string;
  /** `new` for a policy that is not stored yet. */
  policy: string;
  kind: 'dry-run' | 'judge';
  asked: { rule: Rule; targets: Targets; from: string | null; comparedWith: number | null };
  state: 'running' | 'done' | 'cancelled' | 'failed';
  result: RunResult;
  startedAt: string;
  startedBy: Actor;
  endedAt: string | null;
}
