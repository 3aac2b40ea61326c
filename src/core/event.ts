/**
 * The contract between agent and portal: one normalised fact of a Kiro session.
 *
 * Unknown is `null`, never a guess; what we derived rather than read is named in `source.inferred`.
 * Ids are computed (`event-id` in capture), so sending an event twice is harmless everywhere.
 */

export const SCHEMA_VERSION = 1;

export const EVENT_KINDS = [
  'session.started',
  'prompt.submitted',
  'agent.responded',
  'agent.reasoned',
  'tool.invoked',
  'turn.ended',
  'capture.gap',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Which Kiro wrote the record. `cli-3` shares the 1.x store, `cli-2` has its own. */
export const GENERATIONS = ['ide-0.x', 'ide-1.x', 'cli-2', 'cli-3', 'unknown'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Where the fact was read: one of Kiro's stores, the hook's own payload, or this agent (gaps). */
export const STORES = ['ide-0.x', 'ide-1.x', 'cli-2', 'cli-3', 'hook', 'agent'] as const;
export type Store = (typeof STORES)[number];

/** How much text may leave the machine, from most to least. `off` captures nothing at all. */
export const CONTENT_LEVELS = ['full', 'redacted', 'metadata', 'off'] as const;
export type ContentLevel = (typeof CONTENT_LEVELS)[number];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface SessionRef {
  id: string;
  generation: Generation;
  title: string | null;
  mode: string | null;
  model: string | null;
}

/** `index` counts a session's turns from 1. */
export interface TurnRef {
  id: string;
  index: number | null;
}

/** `id` is the first 16 hex digits of the SHA-256 of `path`. */
export interface WorkspaceRef {
  id: string;
  path: string;
  name: string;
}

export interface DeviceRef {
  id: string;
  os: 'darwin' | 'linux' | 'win32';
  user: string;
}

export interface Source {
  store: Store;
  /** Kiro's own id of the record, or null where Kiro gives none. */
  record: string | null;
  /**
   * Rises within a session. For append-only stores: 1 + the byte offset of the record's line; 0 for the session itself; a
   * sub-agent's calls lie, as fractions, between the record that started it and the next.
   */
  ordinal: number;
  content: ContentLevel;
  /** Names of body fields that Kiro does not record and we derived. */
  inferred: string[];
}

/** What was taken out before the event reached disk. `field` is a JSON Pointer into the event, `hash` is keyed and local. */
export interface Redaction {
  rule: string;
  field: string;
  count: number;
  hash: string;
}

/**
 * A text that was cut to size: its full length in UTF-8 bytes and the SHA-256 (hex) of the uncut, redacted text. Of an output
 * that Kiro keeps in a file of its own, the first MiB counts as the whole.
 */
export interface Truncation {
  field: string;
  bytes: number;
  sha256: string;
}

export type Scope = 'user' | 'workspace' | 'power' | 'agent';

export interface McpServer {
  name: string;
  scope: Scope;
  transport: 'stdio' | 'http' | 'unknown';
  /** stdio: the program with its arguments, redacted like any text. */
  command: string | null;
  commandSha256: string | null;
  /** http: scheme and host only; paths and queries can hold keys. */
  origin: string | null;
  disabled: boolean;
  autoApprove: string[];
  envNames: string[];
  headerNames: string[];
}
export interface Skill {
  name: string;
  scope: Scope;
  description: string | null;
  sha256: string;
}
export interface SteeringFile {
  name: string;
  scope: Scope;
  inclusion: 'always' | 'fileMatch' | 'manual' | 'auto' | 'unknown';
  sha256: string;
}
export interface Power {
  name: string;
  sha256: string;
}
export interface HookEntry {
  name: string;
  scope: Scope;
  trigger: string;
  /** The command or the prompt the hook runs. */
  action: string;
  sha256: string;
  ours: boolean;
}
export interface CustomAgent {
  name: string;
  scope: Scope;
  sha256: string;
}
export interface TrustEntry {
  /** `kiroAgent.trustedCommands`, `permissions.yaml`, … */
  source: string;
  scope: Scope;
  kind: 'command' | 'capability' | 'tool';
  effect: 'allow' | 'ask' | 'deny';
  pattern: string;
  ours: boolean;
}

/** What was configured around a session, read from Kiro's files at the moment the session was first seen. */
export interface Inventory {
  mcpServers: McpServer[];
  skills: Skill[];
  steering: SteeringFile[];
  powers: Power[];
  hooks: HookEntry[];
  customAgents: CustomAgent[];
  trust: TrustEntry[];
}

export const INVENTORY_PARTS = ['mcpServer', 'skill', 'steering', 'power', 'hook', 'customAgent', 'trust'] as const;
export type InventoryPart = (typeof INVENTORY_PARTS)[number];

/** One difference from what was configured when the last session of the same workspace began. */
export interface InventoryChange {
  what: InventoryPart;
  /** A trust entry's pattern; everything else's name. */
  name: string;
  scope: Scope;
  change: 'added' | 'removed' | 'changed';
}

export interface Attachment {
  name: string | null;
  type: string;
  bytes: number | null;
}

/** A run of a sub-agent by Kiro's id of it. */
export interface SubAgentRef {
  id: string;
  name: string | null;
}

export type Approval = 'auto' | 'accepted' | 'rejected' | 'pattern';

export interface Counts {
  prompts: number;
  responses: number;
  reasonings: number;
  tools: number;
  toolFailures: number;
}

export interface Bodies {
  /** `changed` is absent when no earlier session of the workspace was told. */
  'session.started': Inventory & { changed?: InventoryChange[] };
  'prompt.submitted': { text: string | null; source: 'chat' | 'steer' | null; attachments: Attachment[] };
  /** `subAgent`: said to the agent that started it, not to the user; absent for what the user's own agent said. */
  'agent.responded': { text: string | null; subAgent?: SubAgentRef };
  'agent.reasoned': { text: string | null; withheld: boolean; subAgent?: SubAgentRef };
  'tool.invoked': {
    callId: string;
    name: string;
    /** Kiro's own grouping: read, edit, execute, search, delete, move, fetch, think, switch_mode, other. */
    kind: string | null;
    mcpServer: string | null;
    arguments: Json;
    result: Json;
    success: boolean | null;
    exitCode: number | null;
    startedAt: string | null;
    endedAt: string | null;
    durationMs: number | null;
    approval: Approval | null;
    subAgent: SubAgentRef | null;
  };
  'turn.ended': {
    reason: string;
    durationMs: number | null;
    credits: number | null;
    /** Per cent of the model's context window, as Kiro reported it last. */
    contextUsage: number | null;
    /** Of the turn's own events; what its sub-agents did is not counted. */
    counts: Counts;
    /** The last error that Kiro showed or recorded in the turn, if any. */
    error?: string;
  };
  /** `count` is null where nobody can say how many. */
  'capture.gap': { count: number | null; firstTime: string; lastTime: string; reason: string };
}

export interface EventOf<K extends EventKind> {
  schemaVersion: typeof SCHEMA_VERSION;
  id: string;
  kind: K;
  /** ISO 8601 in UTC with milliseconds: when it happened by Kiro's clock. */
  time: string;
  session: SessionRef;
  turn: TurnRef | null;
  workspace: WorkspaceRef | null;
  agent: { name: 'kiro'; version: string | null };
  device: DeviceRef;
  source: Source;
  redactions: Redaction[];
  truncated?: Truncation[];
  body: Bodies[K];
}

/** Discriminated by `kind`. */
export type CapsuleEvent = { [K in EventKind]: EventOf<K> }[EventKind];

/**
 * What `diagnose --probe` sends along the events' whole way, to see it arrive. It is no event and nobody's doing: the portal
 * acknowledges it, notes it with the device, and keeps it out of the data.
 */
export interface Probe extends Omit<EventOf<EventKind>, 'kind' | 'body'> {
  kind: 'probe';
  body: Record<string, never>;
}
