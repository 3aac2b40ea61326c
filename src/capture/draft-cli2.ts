import type { CliBlock, CliMessage, CliTurnEnd } from '../kiro/records-cli2.ts';
import type { Fact, FactKind, FactOf } from './fact.ts';
import { type CliState, SeenCli } from './state-cli2.ts';

export type CliCall = Extract<CliBlock, { type: 'toolUse' }>;

/** One reading of a CLI conversation while it is made: the state moves on, and what it tells is gathered. */
export interface CliDraft {
  /** Without what is in `seen`. */
  state: CliState;
  seen: SeenCli;
  facts: Fact[];
  /** Names of records that became no event although nothing says that they are none. */
  unknown: string[];
  /** What the open calls were asked, by call id; one that cannot be read again is not here. */
  held: Map<string, CliCall>;
  /** How turns ended, as far as Kiro has written it down by now. */
  ends: readonly CliTurnEnd[];
  /** The record was copied out of Kiro's database, in which a prompt may follow results in one message. */
  exported: boolean;
}

/** A reading that goes on from a state. */
export function openCliDraft(before: CliState, known: Pick<CliDraft, 'held' | 'ends' | 'exported'>): CliDraft {
  const state = structuredClone({ ...before, seen: [] });
  return { state, seen: new SeenCli(before), facts: [], unknown: [], ...known };
}

/** The state to go on from when a reading is over. */
export function closeCliDraft({ state, seen }: CliDraft): CliState {
  return { ...state, seen: seen.list() };
}

/** Where a message stands. */
export interface CliPlace {
  /** 1 + the byte offset of its line, or its place in order. */
  line: number;
}

/** What every fact says of the message it comes from; `block` is its place in the message. */
export function provenanceCli({ state }: CliDraft, message: CliMessage, { line }: CliPlace, block: number) {
  const time = message.time ?? state.lastTime;
  return {
    time: time ?? new Date(0).toISOString(),
    record: message.recordId,
    ordinal: line + block,
    inferred: message.time === null || message.timeInferred ? ['time'] : [],
  };
}

/** Tells a fact and counts it in its turn, if that still runs. */
export function tellCli<K extends FactKind>({ state, facts }: CliDraft, fact: FactOf<K>): void {
  // The mapped union cannot be followed through a type parameter.
  const told = fact as unknown as Fact;
  facts.push(told);
  state.lastOrdinal = Math.max(state.lastOrdinal, told.ordinal);
  const { turn } = state;
  if (turn === null || turn.id !== fact.turn?.id) return;
  if (told.kind === 'prompt.submitted') turn.counts.prompts += 1;
  else if (told.kind === 'agent.responded') turn.counts.responses += 1;
  else if (told.kind === 'agent.reasoned') turn.counts.reasonings += 1;
  else if (told.kind === 'tool.invoked') {
    turn.counts.tools += 1;
    if (told.body.success === false) turn.counts.toolFailures += 1;
  }
}
