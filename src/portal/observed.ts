/** What was seen over all events, as the store gives it and the API passes it on. */
import type { InventoryPart } from '../core/event.ts';

/** A value that lists can be narrowed by. */
export interface SeenValue {
  value: string;
  label: string;
}
export interface NewValue extends SeenValue {
  field: string;
  firstSeenAt: string;
  session: string;
}

/** One thing that is configured somewhere, and with how many. */
export interface HeldItem {
  name: string;
  scope: string;
  /** Different contents under this name. */
  variants: number;
  agents: number;
  workspaces: number;
  firstSeenAt: string;
  /** As its latest holder has it: the part of the inventory, as JSON. */
  detail: string;
}
export interface Holder {
  agent: { id: string; name: string; user: string };
  workspace: string;
  variant: string;
  detail: string;
  firstSeenAt: string;
  lastSeenAt: string;
}
export interface KeptChange {
  time: string;
  event: string;
  session: string;
  workspace: string;
  part: InventoryPart;
  name: string;
  scope: string;
  change: 'added' | 'removed' | 'changed';
  before: string | null;
  after: string | null;
}

/** One row for each hour, kind and tool in which something happened. */
export interface HourSum {
  hour: string;
  kind: string;
  tool: string;
  events: number;
  failures: number;
  credits: number;
}

/** Where the chain of an organisation ends. `hash` in hex. */
export interface ChainHead {
  position: number;
  hash: string;
}
