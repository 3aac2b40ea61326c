import type { CapsuleEvent, Generation, Inventory, InventoryPart, WorkspaceRef } from '../core/event.ts';
import type { Heartbeat } from './device-schema.ts';
import type { ChainHead, HeldItem, Holder, HourSum, KeptChange, NewValue } from './observed.ts';
import type { Severity } from './policies/policy.ts';

/** What `/api/**` answers: the contract between the server and the page (and whoever scripts against it). */

export const ROLES = ['viewer', 'analyst', 'admin'] as const;
/** Each may do what those before it may. */
export type Role = (typeof ROLES)[number];

export interface MeAnswer {
  organisation: string;
  account: string;
  role: Role;
  signedInBy: 'session' | 'key';
  hasPassword: boolean;
  portal: { name: string; version: string };
}

/** A text that was cut for display: where, as a JSON Pointer into the event, and its whole length in UTF-8 bytes. */
export interface Cut {
  field: string;
  bytes: number;
}
/** An event as lists show it; `cut` is absent when nothing was. */
export type ListedEvent = CapsuleEvent & { cut?: Cut[] };

/** Beyond 10,000 nobody counts on: then `exact` is false. */
export interface CountsAnswer {
  count: number;
  exact: boolean;
  /** When the time for counting ran out: down to here everything was looked at. */
  searchedTo: string | null;
  /** Oldest first, without empty bars; each is `barMs` long. */
  histogram: { barMs: number; bars: { start: string; events: number; failures: number }[]; searchedTo: string | null };
  /** The newest event of all, whatever the filter. */
  newest: string | null;
  misunderstood: string[];
}

/** Where the words of a search stand in an event; `marks` are UTF-16 positions in `text`, a piece of the event's text. */
export interface SearchHit {
  event: string;
  kind: CapsuleEvent['kind'];
  time: string;
  turn: number | null;
  field: 'prompt' | 'response' | 'arguments' | 'result';
  text: string;
  marks: [start: number, end: number][];
}
export interface SearchGroup {
  session: SessionSummary;
  /** The best three. */
  hits: SearchHit[];
  matches: number;
}
export interface SearchAnswer extends ListAnswer {
  groups: SearchGroup[];
  /** How many events the words were found in, of those looked at here. */
  matches: number;
  searchedTo: string | null;
}

export interface FacetsAnswer {
  values: { value: string; label: string }[];
}

/** Sums over time, as charts draw them; oldest first. */
export interface HoursAnswer {
  hours: HourSum[];
  /** How long a time each sum is of. */
  stepMs: number;
  misunderstood: string[];
}

export interface OverviewAnswer {
  states: Partial<Record<AgentState, number>>;
  /** Of the last seven days. */
  hours: { start: string; events: number; failures: number }[];
  /** First seen in the last seven days, newest first; at most 20. */
  fresh: NewValue[];
  /** How much of each part of the inventories changed in the last seven days. */
  changes: Partial<Record<InventoryPart, number>>;
  /** Not settled, by severity. */
  detections: Partial<Record<Severity, number>>;
  newest: string | null;
}

export interface HeldAnswer {
  items: HeldItem[];
}
export interface HoldersAnswer {
  holders: Holder[];
}
export interface ChangesAnswer {
  changes: KeptChange[];
  next: string | null;
}
/** Where the chain ends now; null before its first link. */
export interface ChainAnswer {
  head: ChainHead | null;
}

/** What every list says beside its rows. */
export interface ListAnswer {
  next: string | null;
  /** Parts of the query that were left out, because they were not understood. */
  misunderstood: string[];
}

export interface EventsAnswer extends ListAnswer {
  events: ListedEvent[];
  /** The time for looking ran out: everything down to here was looked at, and `next` goes on; null otherwise. */
  searchedTo: string | null;
}
export interface EventAnswer {
  event: CapsuleEvent;
  receivedAt: string;
  /** Its place in the organisation's chain; null for what was stored before there was one. */
  position: number | null;
}

export type AgentState = 'reporting' | 'quiet' | 'missing' | 'needs-attention' | 'waiting' | 'revoked';

export interface AgentSummary {
  id: string;
  name: string;
  user: string;
  os: 'darwin' | 'linux' | 'win32';
  agentVersion: string;
  kiro: Heartbeat['kiro'];
  state: AgentState;
  /** Why it needs attention, in the agent's own words; null otherwise. */
  attention: string | null;
  enrolledAt: string;
  /** When it last sent anything, by the portal's clock. */
  lastSeenAt: string | null;
  /** Of its newest event, by Kiro's clock. */
  lastEventAt: string | null;
  attachments: Heartbeat['attachments'] | null;
  /** Of the latest session; null before the first. */
  inventory: { mcpServers: number; skills: number; steering: number } | null;
  events: number;
}
export interface AgentsAnswer extends ListAnswer {
  agents: AgentSummary[];
  /** How many the filter asks for; by state as if the filter asked for none. */
  total: number;
  states: Partial<Record<AgentState, number>>;
}
export interface AgentAnswer {
  agent: AgentSummary & {
    heartbeat: Heartbeat | null;
    /** When the newest credential of this device ends. */
    credentialEndsAt: string | null;
    latestInventory: { time: string; session: string; body: Inventory } | null;
    /** The last `diagnose --probe` that arrived here. */
    lastProbe: { id: string; time: string } | null;
  };
}

export interface SessionSummary {
  id: string;
  device: { id: string; name: string; user: string };
  generation: Generation;
  title: string | null;
  /** The beginning of the first prompt, to tell untitled sessions apart. */
  firstPrompt: string | null;
  mode: string | null;
  model: string | null;
  kiroVersion: string | null;
  workspace: WorkspaceRef | null;
  startedAt: string;
  lastEventAt: string;
  /** The newest turn has not ended as far as we know. */
  open: boolean;
  turns: number;
  prompts: number;
  responses: number;
  reasonings: number;
  tools: number;
  toolFailures: number;
  /** How many events never reached the portal, as their agent reported. */
  lost: number;
  credits: number | null;
  /** Sum of the turns' durations, in ms. */
  durationMs: number | null;
  events: number;
  /** Those that nobody has settled yet. */
  detections: number;
}
export interface SessionsAnswer extends ListAnswer {
  sessions: SessionSummary[];
}
export interface SessionAnswer {
  session: SessionSummary;
}

export interface TurnSummary {
  id: string;
  index: number | null;
  startedAt: string;
  /** null while the turn runs. */
  endedAt: string | null;
  reason: string | null;
  durationMs: number | null;
  credits: number | null;
  tools: number;
  toolFailures: number;
  events: number;
}
/** `turn` is null for an event that belongs to no turn (a session's start, a gap). */
export interface TimelineEntry {
  turn: TurnSummary | null;
  events: ListedEvent[];
  /** Events of this turn that were left out because the turn is very long; `/api/events?turn=` lists them. */
  omitted: number;
}
export interface TurnsAnswer {
  turns: TimelineEntry[];
  /** Position of the first entry of this page, counted from 0, and how many there are in all. */
  first: number;
  total: number;
  next: string | null;
  previous: string | null;
}

export interface Member {
  id: string;
  role: Role;
  createdAt: string;
  signedInAt: string;
  /** Since when it may not sign in; null: it may. */
  disabledAt: string | null;
  hasPassword: boolean;
}
export interface MembersAnswer {
  members: Member[];
  next: string | null;
}
export interface RetentionAnswer {
  /** By kind of event: for how many days it is kept; null: for ever. */
  days: Record<string, number | null>;
}
export interface LinkAnswer {
  /** Signs in once; seen this once. */
  link: string;
  expiresAt: string;
}

export type InstallerState = 'active' | 'used-up' | 'expired' | 'revoked';
export interface InstallerSummary {
  id: string;
  label: string;
  system: 'macos' | 'linux' | 'windows';
  /** How long the credential of each device lives. */
  credentialDays: number;
  content: string | null;
  hooks: string | null;
  madeBy: string;
  madeAt: string;
  /** When it stops enrolling devices. */
  endsAt: string;
  uses: number;
  /** null: without limit. */
  maxUses: number | null;
  state: InstallerState;
  agents: {
    total: number;
    newest: { id: string; name: string; user: string; enrolledAt: string; lastEventAt: string | null }[];
  };
}
export interface InstallerAnswer {
  installer: InstallerSummary;
}
export interface InstallersAnswer {
  installers: InstallerSummary[];
  /** What this portal can hand out. */
  executables: { name: string; bytes: number; sha256: string }[];
  next: string | null;
}
export interface MadeInstallerAnswer extends InstallerAnswer {
  /** Its text is seen this once: of the code inside only a hash is kept. */
  file: { name: string; text: string; bytes: number; sha256: string; command: string };
}

export interface Act {
  time: string;
  actor: string;
  act: string;
  object: string;
}
export interface AuditAnswer extends ListAnswer {
  acts: Act[];
}

/** `agents` and `sessions` name what changed; the page asks for the rest itself. */
export interface StreamMessage {
  events: number;
  /** New or changed ones. */
  detections?: number;
  sessions: string[];
  agents: string[];
}
