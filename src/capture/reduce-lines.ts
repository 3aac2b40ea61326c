import { parseSessionRecord, type SessionRecord } from '../kiro/session-records-1x.ts';
import type { Fact } from './fact.ts';
import { reduce } from './normalize-1x.ts';
import type { NormalizerState } from './normalizer-state-1x.ts';
import type { TailedLine } from './tail-lines.ts';

export interface Reading {
  state: NormalizerState;
  facts: Fact[];
  /** The first new record, and whether it is the session's first. */
  begun: { record: SessionRecord; first: boolean } | null;
  /** Lines that are no record. */
  skipped: number;
  unknown: Record<string, number>;
}

/** Runs the lines through the reducer. Of those that end at or before byte `from` only the state is kept. */
export function reduceLines(start: NormalizerState, lines: readonly TailedLine[], from: number): Reading {
  const reading: Reading = { state: start, facts: [], begun: null, skipped: 0, unknown: {} };
  const unknown = new Map<string, number>();
  let first = start.lastTime === null && start.turns === 0;
  for (const { text, offset, end } of lines) {
    if (text.trim() === '') continue;
    const record = parseSessionRecord(offset === 0 ? text.replace(/^\uFEFF/, '') : text);
    if (record === null) {
      reading.skipped += 1;
      continue;
    }
    const step = reduce(reading.state, record, offset + 1);
    reading.state = step.state;
    // What ended before `from` is read for the state alone.
    if (end > from) {
      reading.begun ??= { record, first };
      reading.facts.push(...step.facts);
      for (const name of step.unknown) unknown.set(name, (unknown.get(name) ?? 0) + 1);
    }
    first = false;
  }
  reading.unknown = Object.fromEntries(unknown);
  return reading;
}
