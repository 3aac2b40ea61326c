/**
 * What has to be remembered between two records of a session. Plain JSON and bounded, since it is stored with the cursor;
 * whatever holds a user's text stands in `held` alone, so that storing can leave it out and read it from Kiro's file again.
 */
import type { Counts, TurnRef } from '../core/event.ts';
import type { SessionRecord } from '../kiro/session-records-1x.ts';

export interface OpenTurn {
  id: string;
  index: number;
  startedAt: string | null;
  /** Time of the turn's latest record, repairs and its end not counted. */
  lastTime: string | null;
  /** An answer, a thought or a tool call has come: from now on a prompt without a mark is the next turn's. */
  acted: boolean;
  /** How often the turn has ended before: an execution can be restarted. */
  ends: number;
  counts: Counts;
  contextUsage: number | null;
  credits: number | null;
  elapsedMs: number | null;
  /** Ordinal of the latest record that tells an error. */
  error: number | null;
  subAgents: StartedSubAgent[];
}

export interface EndedTurn {
  id: string;
  index: number;
  ends: number;
}

export interface StartedSubAgent {
  id: string;
  name: string | null;
  promptHash: string | null;
}

/** A sub-agent whose own record has not been found yet. */
export interface SubAgentRun {
  id: string;
  name: string | null;
  turnId: string | null;
  /** Of the record that says so. */
  ordinal: number;
}

/** A tool call whose result has not come. */
export interface OpenCall {
  callId: string;
  turnId: string | null;
  ordinal: number;
  /** Time of the record before it in the same turn. */
  previousTime: string | null;
}

/** Kiro asks the user about these calls. */
export interface Question {
  id: string;
  callIds: string[];
}

export interface Answer {
  callId: string;
  approval: 'accepted' | 'rejected';
  at: string | null;
}

export interface NormalizerState {
  /** Turns begun so far. */
  turns: number;
  /** Id of the turn that records without an execution id belong to. */
  current: string | null;
  /** Oldest first. Several: Kiro crashed, and the end may be added when the session is next loaded. */
  open: OpenTurn[];
  ended: EndedTurn[];
  /** Ordinals of prompts that wait for their turn. */
  prompts: number[];
  /** Ordinal of a `session_start` that is the first prompt unless a `user` record comes. */
  opening: number | null;
  userSeen: boolean;
  calls: OpenCall[];
  /** Calls that were told last: what still comes of them says nothing new. */
  told: string[];
  subAgentRuns: SubAgentRun[];
  questions: Question[];
  answers: Answer[];
  lastTime: string | null;
  /** For records without an id: how often the same content came in this turn. */
  equals: { hash: string; count: number }[];
  /** By ordinal. */
  held: { [ordinal: string]: SessionRecord };
}

export const NO_COUNTS: Counts = { prompts: 0, responses: 0, reasonings: 0, tools: 0, toolFailures: 0 };

/** Far more than Kiro has been seen to need; what is over it is told early rather than kept. */
export const BOUNDS = {
  open: 8,
  ended: 32,
  prompts: 16,
  calls: 64,
  told: 128,
  questions: 64,
  answers: 256,
  equals: 1000,
  subAgents: 128,
  subAgentRuns: 128,
} as const;

/** Nothing read yet. */
export function initialState(): NormalizerState {
  return {
    turns: 0,
    current: null,
    open: [],
    ended: [],
    prompts: [],
    opening: null,
    userSeen: false,
    calls: [],
    told: [],
    subAgentRuns: [],
    questions: [],
    answers: [],
    lastTime: null,
    equals: [],
    held: {},
  };
}

/** A copy that may be changed. By hand, since it is made for every record; records themselves are never changed. */
export function copyState(state: NormalizerState): NormalizerState {
  return {
    ...state,
    open: state.open.map((turn) => ({ ...turn, counts: { ...turn.counts }, subAgents: [...turn.subAgents] })),
    ended: [...state.ended],
    prompts: [...state.prompts],
    calls: state.calls.map((call) => ({ ...call })),
    told: [...state.told],
    subAgentRuns: [...state.subAgentRuns],
    questions: [...state.questions],
    answers: [...state.answers],
    equals: state.equals.map((equal) => ({ ...equal })),
    held: { ...state.held },
  };
}

/** The running turn of this id; undefined when it never began or has ended. */
export function findOpen(state: NormalizerState, id: string | null | undefined): OpenTurn | undefined {
  return state.open.find((turn) => turn.id === id);
}

/** The turn by its id, running or ended. */
export function turnRef(state: NormalizerState, id: string | null): TurnRef | null {
  const turn = findOpen(state, id) ?? state.ended.find((ended) => ended.id === id);
  return turn === undefined ? null : { id: turn.id, index: turn.index };
}

/** Adds to the end of a bounded list and gives back what fell out at its beginning. */
export function push<T>(list: T[], item: T, most: number): T[] {
  list.push(item);
  return list.splice(0, list.length - most);
}
