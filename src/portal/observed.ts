/** What was seen over all events, as the store gives it and the API passes it on. */
import * as z from 'zod';
import { INVENTORY_PARTS } from '../core/event.ts';

/** A value that lists can be narrowed by. */
export const seenValueSchema = z.object({ value: z.string(), label: z.string() });
export type SeenValue = z.infer<typeof seenValueSchema>;

export const newValueSchema = z.object({
  ...seenValueSchema.shape,
  field: z.string(),
  firstSeenAt: z.string(),
  session: z.string(),
});
export type NewValue = z.infer<typeof newValueSchema>;

/** One thing that is configured somewhere, and with how many. */
export const heldItemSchema = z.object({
  name: z.string(),
  scope: z.string(),
  /** Different contents under this name. */
  variants: z.number(),
  agents: z.number(),
  workspaces: z.number(),
  firstSeenAt: z.string(),
  /** As its latest holder has it: the part of the inventory, as JSON. */
  detail: z.string(),
});
export type HeldItem = z.infer<typeof heldItemSchema>;

export const holderSchema = z.object({
  agent: z.object({ id: z.string(), name: z.string(), user: z.string() }),
  workspace: z.string(),
  variant: z.string(),
  detail: z.string(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
});
export type Holder = z.infer<typeof holderSchema>;

export const keptChangeSchema = z.object({
  time: z.string(),
  event: z.string(),
  session: z.string(),
  workspace: z.string(),
  part: z.enum(INVENTORY_PARTS),
  name: z.string(),
  scope: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type KeptChange = z.infer<typeof keptChangeSchema>;

/** One row for each hour, kind and tool in which something happened. */
export const hourSumSchema = z.object({
  hour: z.string(),
  kind: z.string(),
  tool: z.string(),
  events: z.number(),
  failures: z.number(),
  credits: z.number(),
});
export type HourSum = z.infer<typeof hourSumSchema>;

/** Where the chain of an organisation ends. `hash` in hex. */
export const chainHeadSchema = z.object({ position: z.number(), hash: z.string() });
export type ChainHead = z.infer<typeof chainHeadSchema>;
