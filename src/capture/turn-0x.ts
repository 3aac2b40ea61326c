import type { Counts, TurnRef } from '../core/event.ts';
import type { Action, Execution } from '../kiro/execution-0x.ts';
import { isoTime } from '../kiro/iso-time.ts';
import type { Fact, FactKind, FactOf } from './fact.ts';
import type { Prompt } from './prompt-0x.ts';
import { awaitsResponse, joinSubAgent, type PlacedAction, pairSubAgents } from './sub-agent-0x.ts';
import { describeTool0x, isFinal, isKnownTool, startBound, textIn } from './tool-0x.ts';

/** Everything that is complete in an execution as it is now. */
export interface TurnFacts {
  facts: Fact[];
  ended: boolean;
  /** Actions of unknown types that look like no tool call, by name. */
  unknown: Record<string, number>;
}

export interface TurnParts {
  execution: Execution;
  /** From 1 within the chat, null when it is not known. */
  index: number | null;
  /** null when nobody typed one. */
  prompt: Prompt | null;
}

/** An ordinal has room for this many facts a millisecond: `1000 * start + place in the file`. */
const ORDINALS_PER_MS = 1000;

/**
 * The facts of an execution: its prompt, each action that is final, and its end. Kiro rewrites the file as it goes on, so the
 * same facts come again with the same keys, and more of them. Pure.
 */
export function turnFacts({ execution, index, prompt }: TurnParts): TurnFacts {
  const turn = { id: execution.executionId, index };
  const ended = isOver(execution);
  const draft: Draft = { execution, turn, facts: [], unknown: {} };
  if (prompt !== null) tellPrompt(draft, prompt);
  const last = new Map(execution.actions.map((action, at) => [actionKey(action, at), at]));
  // An action that comes twice is one action: what was written last counts.
  const actions = execution.actions
    .map((action, at) => ({ action, at }))
    .filter(({ action, at }) => last.get(actionKey(action, at)) === at);
  for (const joined of joinedActions(actions, execution.end, ended)) {
    if (ended || isFinal(joined.action)) tellAction(draft, joined);
  }
  if (ended) tellEnd(draft);
  return { facts: draft.facts, ended, unknown: draft.unknown };
}

/** An action to be told; a sub-agent's call stands where its response came, under its own name. */
interface JoinedAction extends PlacedAction {
  /** The place that names it. */
  named: number;
  /** When the call was made, where that is known apart. */
  began: number | null;
}

function joinedActions(actions: readonly PlacedAction[], end: number | null, ended: boolean): JoinedAction[] {
  const pairs = pairSubAgents(actions, end);
  const calls = new Map([...pairs].map(([call, response]) => [response, call]));
  const at = new Map(actions.map((placed) => [placed.at, placed.action]));
  return actions.flatMap(({ action, at: place }) => {
    const of = calls.get(place);
    const call = of === undefined ? undefined : at.get(of);
    if (of !== undefined && call !== undefined)
      return [{ action: joinSubAgent(call, action), at: place, named: of, began: call.at }];
    // Its response may come yet.
    const waits = awaitsResponse(action) && (pairs.has(place) || !ended);
    return waits ? [] : [{ action, at: place, named: place, began: null }];
  });
}

/** Kiro says `running` and end 0 until an execution is over (kiro/README Z6). */
export function isOver({ status, end }: Execution): boolean {
  return end !== null || (status !== null && status !== 'running');
}

interface Draft {
  execution: Execution;
  turn: TurnRef;
  facts: Fact[];
  unknown: Record<string, number>;
}

function tell<K extends FactKind>(draft: Draft, fact: Omit<FactOf<K>, 'time' | 'turn' | 'ordinal'>, at: Place): void {
  const start = draft.execution.start ?? at.ms ?? 0;
  // The mapped union cannot be followed through a type parameter.
  draft.facts.push({
    ...fact,
    inferred: [...(at.inferred || at.ms === null ? ['time'] : []), ...fact.inferred],
    time: isoTime(at.ms ?? start) ?? new Date(0).toISOString(),
    turn: draft.turn,
    ordinal: start * ORDINALS_PER_MS + at.place,
  } as unknown as Fact);
}

/** Where in the execution, and when. */
interface Place {
  /** 1 is the prompt, then come the actions. */
  place: number;
  ms: number | null;
  /** The moment is the nearest that is recorded, not its own. */
  inferred?: boolean;
}

function tellPrompt(draft: Draft, { record, text, attachments }: Prompt): void {
  const { executionId, start } = draft.execution;
  const fact = { kind: 'prompt.submitted' as const, key: executionId, record, inferred: [] };
  tell(draft, { ...fact, body: { text, source: null, attachments } }, { place: 1, ms: start, inferred: true });
}

const BOOK_KEEPING = new Set(['intentClassification', 'model', 'analyzeRequirements', 'summarization', 'displayError']);
/** What Kiro writes where it keeps no reasoning. */
const WITHHELD = '...';

function tellAction(draft: Draft, { action, at, named, began }: JoinedAction): void {
  const { type, id, output } = action;
  if (BOOK_KEEPING.has(type)) return;
  const place = { place: at + 2, ms: action.at };
  const key = `${draft.execution.executionId}:${actionKey(action, named)}`;
  if (type === 'say') {
    const body = { text: textIn(output, 'message') };
    tell(draft, { kind: 'agent.responded', key, record: id, inferred: [], body }, place);
  } else if (type === 'reasoning') {
    const said = textIn(output, 'message');
    const text = said === WITHHELD || said === '' ? null : said;
    tell(
      draft,
      { kind: 'agent.reasoned', key, record: id, inferred: [], body: { text, withheld: text === null } },
      place,
    );
  } else if (isKnownTool(type) || looksLikeTool(action)) {
    const { body, inferred } = describeTool0x(action, {
      callId: id ?? `#${named}`,
      started: began ?? startBound(draft.execution, at),
    });
    // That the two belong together is our conclusion.
    const joined = at === named ? [] : ['result', 'success'];
    tell(draft, { kind: 'tool.invoked', key, record: id, inferred: [...joined, ...inferred], body }, place);
  } else {
    draft.unknown[`action ${type}`] = (draft.unknown[`action ${type}`] ?? 0) + 1;
  }
}

/** An action of a type that came after us: with arguments it is a call of a tool. */
function looksLikeTool({ input, rawInput }: Action): boolean {
  return [input, rawInput].some(
    (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
  );
}

/** Kiro's id and type; where it gives no id, the place, which stays as actions are only added. */
function actionKey({ id, type }: Action, at: number): string {
  return `${type}:${id ?? `#${at}`}`;
}

/** Kiro's words for an end, in those of the other stores; others are passed on. */
const REASONS = new Map([
  ['succeed', 'end_turn'],
  ['aborted', 'cancelled'],
  ['failed', 'error'],
  ['running', 'unknown'],
]);

function tellEnd(draft: Draft): void {
  const { executionId, status, start, end, credits, contextUsage, actions } = draft.execution;
  const durationMs = start !== null && end !== null && end >= start ? end - start : null;
  const lastMoment = actions.findLast((action) => action.at !== null)?.at ?? start;
  const error = actions.findLast(({ type }) => type === 'displayError')?.errorMessage ?? null;
  const body = {
    reason: REASONS.get(status ?? 'running') ?? status ?? 'unknown',
    durationMs,
    credits,
    contextUsage,
    counts: count(draft.facts),
    ...(error === null ? {} : { error }),
  };
  const inferred = durationMs === null ? [] : ['durationMs'];
  tell(
    draft,
    { kind: 'turn.ended', key: executionId, record: executionId, inferred, body },
    { place: actions.length + 2, ms: end ?? lastMoment, inferred: end === null },
  );
}

function count(facts: readonly Fact[]): Counts {
  const of = (kind: FactKind) => facts.filter((fact) => fact.kind === kind).length;
  const failed = facts.filter((fact) => fact.kind === 'tool.invoked' && fact.body.success === false).length;
  return {
    prompts: of('prompt.submitted'),
    responses: of('agent.responded'),
    reasonings: of('agent.reasoned'),
    tools: of('tool.invoked'),
    toolFailures: failed,
  };
}
