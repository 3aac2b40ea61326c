import type { SessionRecord } from '../kiro/session-records-1x.ts';
import { shortHash } from './event-id.ts';
import type { Fact, FactKind, FactOf } from './fact.ts';
import { BOUNDS, copyState, findOpen, type NormalizerState, push } from './normalizer-state-1x.ts';
import { restoreArguments } from './plain-json.ts';

/** One step of the reducer while it is made: a copy of the state that may be changed, and what the step tells. */
export interface Draft {
  state: NormalizerState;
  facts: Fact[];
  /** Names of records that became no event although we do not know that they should not. */
  unknown: string[];
}

/** A record with its place in the file: 1 + the byte offset of its line. */
export interface Placed {
  record: SessionRecord;
  ordinal: number;
}

/** A step from this state; the state itself is left as it is. */
export function openDraft(state: NormalizerState): Draft {
  return { state: copyState(state), facts: [], unknown: [] };
}

/** What every fact says of the record it comes from. */
export function provenance({ state }: Draft, { record, ordinal }: Placed) {
  const time = record.time ?? state.lastTime;
  return {
    time: time ?? new Date(0).toISOString(),
    record: record.id,
    ordinal,
    inferred: record.time === null ? ['time'] : [],
  };
}

/** Kiro's id of the record; without one, a hash of turn, content and how many equal ones came before in the turn. */
export function recordKey({ state }: Draft, { record }: Placed): string {
  if (record.id !== null) return record.id;
  const hash = shortHash(JSON.stringify([state.current, record.time, restoreArguments(record.payload)]), 32);
  const seen = state.equals.find((equal) => equal.hash === hash);
  if (seen === undefined) push(state.equals, { hash, count: 1 }, BOUNDS.equals);
  else seen.count += 1;
  return `${hash}:${seen?.count ?? 1}`;
}

/** Tells a fact and counts it in its turn, if that still runs. */
export function tell<K extends FactKind>(draft: Draft, fact: FactOf<K>): void {
  // The mapped union cannot be followed through a type parameter.
  const told = fact as unknown as Fact;
  draft.facts.push(told);
  const counts = findOpen(draft.state, fact.turn?.id)?.counts;
  if (counts === undefined) return;
  if (told.kind === 'prompt.submitted') counts.prompts += 1;
  else if (told.kind === 'agent.responded') counts.responses += 1;
  else if (told.kind === 'agent.reasoned') counts.reasonings += 1;
  else if (told.kind === 'tool.invoked') {
    counts.tools += 1;
    if (told.body.success === false) counts.toolFailures += 1;
  }
}

/** Keeps a record until its counterpart comes; the cursor remembers its position alone. */
export function hold({ state }: Draft, { record, ordinal }: Placed): void {
  state.held[ordinal] = record;
}

/** Takes a held record out. undefined when its line could not be read again. */
export function release({ state }: Draft, ordinal: number): Placed | undefined {
  const record = state.held[ordinal];
  delete state.held[ordinal];
  return record === undefined ? undefined : { record, ordinal };
}
