/**
 * What the portal asks of its database. SQL is written only behind this interface (`store/sqlite`), every question names the
 * organisation first, and every method is one transaction; so a second implementation can spread organisations over machines.
 */

import type { CapsuleEvent, Inventory } from '../../core/event.ts';
import type { Act } from '../administration-answers.ts';
import type { AgentState, SessionSummary, TurnSummary } from '../answers.ts';
import type { Enrolment, Heartbeat } from '../device-schema.ts';
import type { Filter, Sort } from '../filter/read-filter.ts';
import type { NotedAct } from '../noted-act.ts';
import type { Severity } from '../policies/policy.ts';
import type { DetectionStore, Judging, NotificationStore, PolicyStore, RunStore } from '../policies/stored.ts';
import type { Role } from '../roles.ts';
import type { StreamStore } from '../siem/stream-store.ts';
import type { AgentSpread } from './agent-spread.ts';
import type { InstallerStore } from './installer-store.ts';
import type { ObservationStore } from './observation-store.ts';
import type { Replicas, SharedGuesses } from './replicas.ts';
import type { RetentionStore } from './retention-store.ts';
import type { UpgradeStore } from './upgrade-store.ts';

export interface Organisation {
  id: string;
  name: string;
}

/** Who did something, for the audit log: `command-line`, `account:admin`, `key:<id>`, `device:<id>`, `code:<id>`. */
export type Actor = string;

/** `org` and `device` are signed tokens; the others are secrets of which only a hash is kept. */
export type CredentialKind = 'org' | 'device' | 'code' | 'key' | 'link' | 'session' | 'own-link' | 'own-session';

export interface Credential {
  id: string;
  kind: CredentialKind;
  /** SHA-256 of the secret in hex; null for signed tokens. */
  secretHash: string | null;
  /** The device or account it speaks for; of a key, what it is called. */
  subject: string | null;
  role: Role | null;
  createdAt: string;
  expiresAt: string;
  revokedAt: string | null;
  uses: number;
  /** null: without limit. */
  maxUses: number | null;
}
export type OwnedCredential = Credential & { organisation: Organisation };

export interface CredentialStore {
  issue(org: string, credential: Credential, by: Actor): Promise<void>;
  find(org: string, id: string): Promise<OwnedCredential | undefined>;
  /** The one question without an organisation: the secret itself tells which. */
  findBySecret(hash: string): Promise<OwnedCredential | undefined>;
  /** Newest first; of one `subject` where it is named. */
  list(
    org: string,
    kinds: readonly CredentialKind[],
    page: { limit: number; after?: string; subject?: string | undefined },
  ): Promise<Page<Credential>>;
  /** False when there is no such credential. Revoking twice keeps the first time. */
  revoke(org: string, id: string, at: string, by: Actor): Promise<boolean>;
  /** Takes one use; false when none is left. The same `user` asking again takes no second one. */
  use(org: string, id: string, user: string): Promise<boolean>;
}

export interface Account {
  id: string;
  role: Role;
  createdAt: string;
  signedInAt: string;
  /** Since when it may not sign in; null: it may. */
  disabledAt: string | null;
  /** As `hashPassword` writes it; null before one was chosen. */
  password: string | null;
}

export interface AccountStore {
  get(org: string, id: string): Promise<Account | undefined>;
  list(org: string): Promise<Account[]>;
  any(org: string): Promise<boolean>;
  /** Makes the account unless it exists, gives it this role, lets it in, and remembers the time. */
  signIn(org: string, account: { id: string; role: Role }, at: string): Promise<void>;
  setPassword(org: string, id: string, password: string, at: string): Promise<void>;
  /** Its sessions and links end. Nothing is changed where nobody would be left to administer. */
  change(
    org: string,
    id: string,
    change: { role?: Role; disabled?: boolean },
    at: string,
    by: Actor,
  ): Promise<'changed' | 'unknown' | 'last-admin'>;
  /** Ends the account's sessions and links, but for one session. */
  endSessions(org: string, id: string, at: string, but: string): Promise<void>;
}

/** The last `diagnose --probe` that arrived, and when, by the portal's clock. */
export interface NotedProbe {
  id: string;
  time: string;
}

export interface StoredAgent {
  id: string;
  name: string;
  user: string;
  os: Enrolment['os'];
  agentVersion: string;
  kiro: Enrolment['kiro'];
  enrolledAt: string;
  heartbeat: Heartbeat | null;
  /** When it last sent anything. */
  lastSeenAt: string | null;
  lastEventAt: string | null;
  latestInventory: { time: string; session: string; body: Inventory } | null;
  lastProbe: NotedProbe | null;
  /** Of its newest credential; null when all of them are revoked. */
  credentialEndsAt: string | null;
  events: number;
}

export interface AgentStore {
  /** The same device enrolling again is the same agent. */
  enrol(org: string, device: Enrolment, at: string, by: Actor): Promise<void>;
  heartbeat(org: string, deviceId: string, heartbeat: Heartbeat, at: string): Promise<void>;
  /** In place of the probe before. The agent has been heard, as by a heartbeat. */
  noteProbe(org: string, deviceId: string, probe: NotedProbe): Promise<void>;
  /** By user unless sorted otherwise. `total` counts what the filter asks for, on all pages. */
  list(
    org: string,
    filter: Filter,
    now: Date,
    page: { limit: number; after?: string; sort?: Sort | undefined },
  ): Promise<Page<StoredAgent> & { total: number }>;
  /** How many there are of each state, whatever state the filter asks for. */
  states(org: string, filter: Filter, now: Date): Promise<Partial<Record<AgentState, number>>>;
  /** Over versions and over when they were last heard. */
  spread(org: string, filter: Filter, now: Date): Promise<AgentSpread>;
  get(org: string, id: string): Promise<StoredAgent | undefined>;
  /** What waits on the devices that are not shut out, as their last heartbeats said. `oldest`: since when. */
  outboxes(org: string): Promise<{ events: number; bytes: number; oldest: string | null }>;
}

export interface Page<T> {
  items: T[];
  /** Give it back as `after` for what follows; null at the end. */
  next: string | null;
}
export interface StoredEvent {
  event: CapsuleEvent;
  receivedAt: string;
  /** Its place in the organisation's chain; null for what was stored before there was one. */
  position: number | null;
}
export interface EventPageAsked {
  limit: number;
  after?: string | undefined;
  maxBytes: number;
  /** Nothing that was stored later than this row (see `newest`). */
  upTo?: number | undefined;
  /** How long it may look for what no index leads to. */
  budgetMs?: number | undefined;
}
export interface EventPage extends Page<StoredEvent> {
  /** When its time ran out: everything down to here was looked at; `next` goes on. */
  searchedTo: string | null;
}
/** `exact` is false when there are more, or when older ones were not looked at. */
export interface Count {
  count: number;
  exact: boolean;
  searchedTo: string | null;
}
export interface Bars {
  barMs: number;
  /** Oldest first; without those that are empty. `failures` are failed calls. */
  bars: { start: string; events: number; failures: number }[];
  /** By the sums by hour: the first and the last bar hold the whole hour, whatever the filter's time. */
  summed: boolean;
  searchedTo: string | null;
}

export interface EventStore {
  /** All or nothing; events already there are counted and left alone. Keeps turns, sessions and agents up to date. */
  ingest(
    org: string,
    deviceId: string,
    events: readonly CapsuleEvent[],
    at: string,
    /** Without it, the events are judged later. `detections`: the severity of each new one. */
    judging?: Judging,
  ): Promise<{ accepted: number; duplicates: number; detections: readonly Severity[] }>;
  /** Judges up to `limit` events that were stored and not judged; answers whose they are. */
  judgeAgain(judging: Judging, at: string, limit: number): Promise<string[]>;
  get(org: string, id: string): Promise<StoredEvent | undefined>;
  /** Whether an event with this id was here and retention removed it. */
  wasRemoved(org: string, id: string): Promise<boolean>;
  /** The event with up to `count` before and after it in its session, in order; none when it is not there. */
  around(org: string, id: string, count: number): Promise<CapsuleEvent[]>;
  /** Newest first. The page ends early when it would pass `maxBytes` of stored JSON. */
  list(org: string, filter: Filter, page: EventPageAsked): Promise<EventPage>;
  /** Counts up to `limit`. */
  count(org: string, filter: Filter, limit: number, budgetMs?: number): Promise<Count>;
  /** How many by hour, or by ten minutes when the filter's time is short. */
  bars(org: string, filter: Filter, now: Date, budgetMs?: number): Promise<Bars>;
  /** The row stored last, and the latest time of all; undefined when there is none. */
  newest(org: string): Promise<{ seq: number; time: string } | undefined>;
}

export interface StoredTurn {
  turn: TurnSummary | null;
  events: CapsuleEvent[];
  /** How many events of the turn come up to the last of these: `skip` for what follows. */
  upTo: number;
  /** How many follow that did not fit. */
  omitted: number;
}

export interface TurnsAsked {
  /** Position of the first turn, counted from 0. */
  first: number;
  limit: number;
  maxEvents: number;
  /** After so many bytes of events no more are read; one always is. */
  maxBytes: number;
  /** So many events of the first turn are left out. */
  skip?: number;
}

export interface SessionStore {
  /** Latest activity first unless sorted otherwise. */
  list(
    org: string,
    filter: Filter,
    page: { limit: number; after?: string; sort?: Sort | undefined },
  ): Promise<Page<SessionSummary>>;
  /** Counts up to `limit`. */
  count(org: string, filter: Filter, limit: number): Promise<Count>;
  get(org: string, id: string): Promise<SessionSummary | undefined>;
  /** Oldest first. Only the first turn may be cut: a later one that does not fit is left to the next page. */
  turns(org: string, id: string, page: TurnsAsked): Promise<{ entries: StoredTurn[]; total: number }>;
  /** Position of the turn that holds this event; undefined when it is not in this session. */
  positionOf(org: string, id: string, eventId: string): Promise<number | undefined>;
}

export interface PortalStore {
  policies: PolicyStore;
  detections: DetectionStore;
  notifications: NotificationStore;
  runs: RunStore;
  streams: StreamStore;
  upgrades: UpgradeStore;
  credentials: CredentialStore;
  accounts: AccountStore;
  agents: AgentStore;
  events: EventStore;
  sessions: SessionStore;
  installers: InstallerStore;
  retention: RetentionStore;
  observations: ObservationStore;
  findOrganisation(name: string): Promise<Organisation | undefined>;
  /** Finds the organisation by name, or makes it. */
  organisation(name: string, at: string): Promise<Organisation>;
  /** Writes a line of the administration log for an act that changes nothing else. */
  note(org: string, act: NotedAct): Promise<void>;
  /** Newest first. */
  acts(org: string, filter: Filter, page: { limit: number; after?: string }): Promise<Page<Act>>;
  /** Values of the whole portal, such as its signing key: what is there, else what `make` returns, kept. */
  valueOr(name: string, make: () => string): Promise<string>;
  setValue(name: string, value: string): Promise<void>;
  /** How large the database is. */
  bytes(): Promise<number>;
  value(name: string): Promise<string | undefined>;
  /** Where more than one process may serve this store at a time: how they go about it together. */
  replicas?: Replicas;
  guesses?: SharedGuesses;
  close(): Promise<void>;
}
