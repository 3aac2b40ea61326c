import type { Chain, Mark } from '../policies/sequences.ts';

/** A row of `marks`: an event that is a step of a rule. */
export interface MarkRow {
  step: number;
  event_id: string;
  turn: string | null;
  ordinal: number;
  time: string;
  keys: string;
}

/** The mark that a row tells of. */
export const toMark = ({ event_id, turn, keys, ...row }: MarkRow): Mark => ({
  ...row,
  event: event_id,
  turn: turn === null ? null : (JSON.parse(turn) as Mark['turn']),
  keys: JSON.parse(keys) as string[],
});

/** Each event of a chain, as the evidence of what was found. */
export const evidenceOf = ({ marks }: Chain) =>
  [...new Set(marks.map(({ event }) => event))].map((event) => ({ event, path: '/body', start: null, end: null }));

/** A detection of a sequence that is stored. `touched`: how often a person did something with it. */
export interface KnownDetection {
  id: string;
  state: string;
  version: number;
  touched: number;
}
