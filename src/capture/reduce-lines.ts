import { parseSessionRecord, type SessionRecord } from '../kiro/session-records-1x.ts';
import type { Fact } from './fact.ts';
import { reduce } from './normalize-1x.ts';
import type { NormalizerState } from './normalizer-state-1x.ts';
import type { TailedLine } from './tail-lines.ts';

export interface Reading {
  state: NormalizerState;
  facts: Fact[];
  /** The first record that is told, and whether it is the session's first. */
  begun: { record: SessionRecord; first: boolean } | null;
  /** Lines that are no record. */
  skipped: number;
  unknown: Record<string, number>;
}

/** Which part of a record is told; the rest is read for the state alone. */
export interface Span {
  /** Only lines that end behind this byte. */
  from: number;
  /** Only what happened at this moment (ISO 8601) or later; null for all. */
  since: string | null;
}

export const ALL_OF_IT: Span = { from: 0, since: null };

/** Runs the lines through the reducer. */
export function reduceLines(start: NormalizerState, lines: readonly TailedLine[], { from, since }: Span): Reading {
  const reading: Reading = { state: start, facts: [], begun: null, skipped: 0, unknown: {} };
  const unknown = new Map<string, number>();
  const early = (time: string | null) => since !== null && time !== null && time < since;
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
    if (end > from && !early(record.time)) {
      reading.begun ??= { record, first };
      reading.facts.push(...step.facts.filter(({ time }) => !early(time)));
      for (const name of [...step.unknown, ...record.unknownFields]) unknown.set(name, (unknown.get(name) ?? 0) + 1);
    }
    first = false;
  }
  reading.unknown = Object.fromEntries(unknown);
  return reading;
}
