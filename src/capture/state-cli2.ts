/**
 * What has to be remembered between two records of a CLI conversation. Plain JSON and bounded, since it is stored with the
 * cursor, and without any text of the user's: what a call was asked is read from Kiro's record again.
 */
import type { Counts, TurnRef } from '../core/event.ts';
import { shortHash } from './event-id.ts';

export interface CliTurn {
  /** Id of its prompt. */
  id: string;
  index: number;
  startedAt: string | null;
  counts: Counts;
}

/** A tool call whose result has not come. */
export interface CliOpenCall {
  callId: string;
  /** 1 + the byte offset of the line it stands in; in a database's conversation its place in order. */
  line: number;
  /** Ordinal of the call itself. */
  ordinal: number;
  /** Id of the message it stands in. */
  message: string;
  /** When the model had asked for it, where Kiro says so. */
  time: string | null;
  turn: TurnRef | null;
}

export interface CliState {
  /** Turns begun so far. */
  turns: number;
  /** The turn that runs. */
  turn: CliTurn | null;
  /** Where no turn runs: the turn that a rewind went back to, to which new answers belong. */
  replayed: TurnRef | null;
  calls: CliOpenCall[];
  /** The latest moment that was recorded. */
  lastTime: string | null;
  /** Ordinal of what was told last. */
  lastOrdinal: number;
  /** Short hashes of the messages and calls that are done with: after a rewind they come again. */
  seen: string[];
  /** The turns that ended last, oldest first. */
  ended: TurnRef[];
}

/** Far more than is usual. What falls out and comes again is told again with the same ids, which is harmless. */
const BOUNDS = { seen: 4_096, calls: 64, ended: 64 } as const;

/** Nothing told yet. */
export function initialCliState(): CliState {
  return {
    turns: 0,
    turn: null,
    replayed: null,
    calls: [],
    lastTime: null,
    lastOrdinal: 0,
    seen: [],
    ended: [],
  };
}

/** The messages (by their ids) and calls (by theirs behind `call `) that are done with, during one reading. */
export class SeenCli {
  readonly #hashes: Set<string>;

  constructor({ seen }: Pick<CliState, 'seen'>) {
    this.#hashes = new Set(seen);
  }

  has(id: string): boolean {
    return this.#hashes.has(shortHash(id, 16));
  }

  add(id: string): void {
    this.#hashes.add(shortHash(id, 16));
    for (const oldest of this.#hashes) {
      if (this.#hashes.size <= BOUNDS.seen) break;
      this.#hashes.delete(oldest);
    }
  }

  /** As the state keeps it. */
  list(): string[] {
    return [...this.#hashes];
  }
}

/** Adds a call, and gives back those that fell out of the bound. */
export function addCall({ calls }: CliState, call: CliOpenCall): CliOpenCall[] {
  calls.push(call);
  return calls.splice(0, calls.length - BOUNDS.calls);
}

/** Notes that a turn is over, so that a rewind finds it again. */
export function addEnded({ ended }: CliState, { id, index }: CliTurn): void {
  ended.push({ id, index });
  ended.splice(0, ended.length - BOUNDS.ended);
}
