import type { InventoryPart } from '../../core/event.ts';
import type { Filter } from '../filter/read-filter.ts';
import type { ChainHead, HeldItem, Holder, HourSum, KeptChange, NewValue, SeenValue } from '../observed.ts';
import type { Page } from './store.ts';

export interface ChainLink {
  position: number;
  what: 'event' | 'act';
  ref: number;
  digest: string;
  hash: string;
  /** What is stored of it now; undefined when it is gone. */
  stored: string | undefined;
}

/** What was seen over all events: values, configurations, sums, and the chain that proves the log. */
export interface ObservationStore {
  /** Latest seen first; those that hold `part` when it is given. */
  values(org: string, field: string, part: string, limit: number): Promise<SeenValue[]>;
  /** First seen since then, newest first. */
  newValues(org: string, fields: readonly string[], since: string, limit: number): Promise<NewValue[]>;
  /** What agents have now, most held first. */
  held(org: string, part: InventoryPart, limit: number): Promise<HeldItem[]>;
  holders(org: string, part: InventoryPart, name: string, limit: number): Promise<Holder[]>;
  /** Newest first. */
  changes(org: string, device: string, page: { limit: number; after?: string }): Promise<Page<KeptChange>>;
  changesSince(org: string, since: string): Promise<Partial<Record<InventoryPart, number>>>;
  /** By the filter's time, kind and tool; everything else of it is not asked. */
  hours(org: string, filter: Filter, step: 'hour' | 'day'): Promise<HourSum[]>;
  chainHead(org: string): Promise<ChainHead | undefined>;
  /** The links behind a position, in order. */
  chainLinks(org: string, behind: number, limit: number): Promise<ChainLink[]>;
  /** Events and acts that stand in no link although the chain had begun when they were stored. */
  unchained(org: string): Promise<number>;
}
