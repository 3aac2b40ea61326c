/**
 * What the portal asks of its database. SQL is written only behind this interface (`store/sqlite`), every question names the
 * organisation first, and every method is one transaction; so a second implementation can spread organisations over machines.
 */
import type { CapsuleEvent, EventKind, Inventory } from '../../core/event.ts';
import type { Act, Role, SessionSummary, TurnSummary } from '../answers.ts';
import type { Enrolment, Heartbeat } from '../device-schema.ts';
import type { DetectionStore, Judging, NotificationStore, PolicyStore } from '../policies/stored.ts';
import type { InstallerStore } from './installer-store.ts';

export interface Organisation {
  id: string;
  name: string;
}

/** Who did something, for the audit log: `command-line`, `account:admin`, `key:<id>`, `device:<id>`, `code:<id>`. */
export type Actor = string;

/** `org` and `device` are signed tokens; the others are secrets of which only a hash is kept. */
export type CredentialKind = 'org' | 'device' | 'code' | 'key' | 'link' | 'session';

export interface Credential {
  id: string;
  kind: CredentialKind;
  /** SHA-256 of the secret in hex; null for signed tokens. */
  secretHash: string | null;
  /** The device or account it speaks for. */
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
  list(org: string, kinds: readonly CredentialKind[]): Promise<Credential[]>;
  /** False when there is no such credential. Revoking twice keeps the first time. */
  revoke(org: string, id: string, at: string, by: Actor): Promise<boolean>;
  /** Takes one use; false when none is left. The same `user` asking again takes no second one. */
  use(org: string, id: string, user: string): Promise<boolean>;
}

export interface AccountStore {
  /** Makes the account unless it exists, and remembers the time. */
  signIn(org: string, account: { id: string; role: Role }, at: string): Promise<void>;
  any(org: string): Promise<boolean>;
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
  list(org: string, page: { limit: number; after?: string }): Promise<Page<StoredAgent>>;
  get(org: string, id: string): Promise<StoredAgent | undefined>;
}

export interface EventFilter {
  kinds?: readonly EventKind[];
  session?: string;
  turn?: string;
  agent?: string;
  workspace?: string;
  /** Both inclusive. */
  from?: string;
  to?: string;
  /** Each must occur in the body, upper and lower case alike. */
  words?: readonly string[];
}
export interface Page<T> {
  items: T[];
  /** Give it back as `after` for what follows; null at the end. */
  next: string | null;
}
export interface StoredEvent {
  event: CapsuleEvent;
  receivedAt: string;
}

export interface EventStore {
  /** All or nothing; events already there are counted and left alone. Keeps turns, sessions and agents up to date. */
  ingest(
    org: string,
    deviceId: string,
    events: readonly CapsuleEvent[],
    at: string,
    /** Without it, the events are judged later. */
    judging?: Judging,
  ): Promise<{ accepted: number; duplicates: number; detections: number }>;
  /** Judges up to `limit` events that were stored and not judged; answers whose they are. */
  judgeAgain(judging: Judging, at: string, limit: number): Promise<string[]>;
  get(org: string, id: string): Promise<StoredEvent | undefined>;
  /** Newest first. The page ends early when it would pass `maxBytes` of stored JSON. */
  list(
    org: string,
    filter: EventFilter,
    page: { limit: number; after?: string; maxBytes: number },
  ): Promise<Page<StoredEvent>>;
}

export interface SessionFilter {
  agent?: string;
  workspace?: string;
  from?: string;
  to?: string;
  words?: readonly string[];
}
export interface StoredTurn {
  turn: TurnSummary | null;
  events: CapsuleEvent[];
  omitted: number;
}

export interface SessionStore {
  /** Latest activity first. */
  list(org: string, filter: SessionFilter, page: { limit: number; after?: string }): Promise<Page<SessionSummary>>;
  get(org: string, id: string): Promise<SessionSummary | undefined>;
  /** Oldest first, from position `first` (counted from 0), at most `limit` turns and about `maxEvents` events. */
  turns(
    org: string,
    id: string,
    page: { first: number; limit: number; maxEvents: number },
  ): Promise<{ entries: StoredTurn[]; total: number }>;
  /** Position of the turn that holds this event; undefined when it is not in this session. */
  positionOf(org: string, id: string, eventId: string): Promise<number | undefined>;
}

export interface PortalStore {
  policies: PolicyStore;
  detections: DetectionStore;
  notifications: NotificationStore;
  credentials: CredentialStore;
  accounts: AccountStore;
  agents: AgentStore;
  events: EventStore;
  sessions: SessionStore;
  installers: InstallerStore;
  /** Finds the organisation by name, or makes it. */
  organisation(name: string, at: string): Promise<Organisation>;
  /** Writes a line of the administration log for an act that changes nothing else. */
  note(org: string, act: Act): Promise<void>;
  acts(org: string, page: { limit: number; after?: string }): Promise<Page<Act>>;
  /** Values of the whole portal, such as its signing key: what is there, else what `make` returns, kept. */
  valueOr(name: string, make: () => string): Promise<string>;
  setValue(name: string, value: string): Promise<void>;
  value(name: string): Promise<string | undefined>;
  close(): Promise<void>;
}
