import type { Actor, Page } from '../store/store.ts';
import type { Judgement, Unjudged } from './judge.ts';
import type { ActivePolicy, PackPolicy, Severity } from './policy.ts';
import type {
  Delivery,
  DetectionState,
  DetectionStep,
  JudgingHealth,
  PolicyDraft,
  PolicyRun,
  PolicyVersion,
  RunResult,
  StoredDetection,
  StoredPolicy,
  Webhook,
} from './records.ts';
import type { RuleProblem, RuleSet } from './rule-set.ts';

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
  /** The policies that are on, as they are judged. */
  active(org: string): Promise<ActivePolicy[]>;
  health(org: string): Promise<JudgingHealth>;
  /**
   * For retention: forgets what is older and only serves judging (steps of sequences, failures, notices that are done, runs
   * that have ended, events that were not judged). Detections stay. Answers how many rows went.
   */
  forgetBefore(org: string, before: string): Promise<number>;
}

/** Looks back over stored events, which outlive the process. */
export interface RunStore {
  start(org: string, run: Omit<PolicyRun, 'state' | 'endedAt'>): Promise<void>;
  get(org: string, id: string): Promise<PolicyRun | undefined>;
  /** Of every organisation, oldest first. */
  unfinished(): Promise<{ org: string; run: PolicyRun }[]>;
  /** Keeps what a look back found, marked as such; answers how many detections are new. Nobody is told by webhook. */
  keep(org: string, found: Judgement, at: string): Promise<number>;
  settle(org: string, id: string, end: { state: PolicyRun['state']; result: RunResult; at: string }): Promise<void>;
}

/** What detections can be narrowed by; each any of `is`, when there are some, and none of `not`. */
export type DetectionField =
  | 'state'
  | 'severity'
  | 'policy'
  | 'agent'
  | 'user'
  | 'workspace'
  | 'session'
  | 'event'
  | 'assignee';
export interface DetectionFilter {
  fields?: Partial<Record<DetectionField, { is?: readonly string[]; not?: readonly string[] }>>;
  from?: string;
  to?: string;
}
export interface DetectionPage {
  limit: number;
  after?: string;
  /** `severity`: the worst first, then the newest. The newest first unless said. */
  order?: 'time' | 'severity';
}
export interface DetectionChange {
  state?: Exclude<DetectionState, 'withdrawn'>;
  reason?: string | null;
  assignee?: string | null;
  note: string;
}
export interface DetectionStore {
  list(org: string, filter: DetectionFilter, page: DetectionPage): Promise<Page<StoredDetection>>;
  /** One row for each policy and session: its newest detection, and how many there are. The worst first. */
  groups(
    org: string,
    filter: DetectionFilter,
    page: { limit: number; after?: string },
  ): Promise<Page<{ detection: StoredDetection; count: number }>>;
  get(org: string, id: string): Promise<{ detection: StoredDetection; history: DetectionStep[] } | undefined>;
  /** False when the stored version is another. */
  change(org: string, id: string, version: number, change: DetectionChange, at: string, by: Actor): Promise<boolean>;
  /** Each as if alone; answers the ids that were changed. The others have another version or are not there. */
  changeMany(
    org: string,
    wanted: readonly { id: string; version: number }[],
    change: DetectionChange,
    at: string,
    by: Actor,
  ): Promise<string[]>;
  /** How many there are of each state and severity. */
  counts(org: string): Promise<{ state: DetectionState; severity: Severity; count: number }[]>;
  /** How many there are of each severity in each hour or day (UTC), oldest first, by the time of their events. */
  times(
    org: string,
    filter: DetectionFilter,
    step: 'hour' | 'day',
  ): Promise<{ start: string; severity: Severity; count: number }[]>;
  /** The policies that found the most, and how much. */
  top(
    org: string,
    filter: DetectionFilter,
    limit: number,
  ): Promise<{ policy: string; name: string | null; count: number }[]>;
}

/** The judge as the store needs it, so that a command that only makes a code loads no policy engine. */
export interface Judging {
  ready(policies: readonly ActivePolicy[]): { rules: RuleSet; refused: { id: string; problem: RuleProblem }[] };
  judge(rules: RuleSet, events: readonly Unjudged[]): Judgement;
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
  /** False when there is no such webhook. */
  switchWebhook(org: string, id: string, enabled: boolean, at: string, by: Actor): Promise<boolean>;
  /** Where it is told, for a test; undefined when there is no such webhook. */
  webhookTarget(org: string, id: string): Promise<{ url: string; secret: string; organisation: string } | undefined>;
  /** Its newest notices. */
  deliveries(org: string, id: string, limit: number): Promise<Delivery[]>;
  due(at: string, limit: number): Promise<DueNotice[]>;
  /** `nextAt` null: it arrived (no trouble) or is given up. */
  settle(
    notice: Pick<DueNotice, 'org' | 'seq'>,
    outcome: { at: string; nextAt: string | null; trouble: string | null },
  ): Promise<void>;
}
