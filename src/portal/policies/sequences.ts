import type { Sequence } from './policy.ts';

/** "This event is that step of the rule." A set of them is all a sequence is judged by. */
export interface Mark {
  step: number;
  event: string;
  turn: { id: string; index: number | null } | null;
  /** Rises within a session. */
  ordinal: number;
  time: string;
  keys: readonly string[];
}

/** Marks that fulfil a rule, in order. */
export interface Chain {
  /** The event that gives the finding its name: the last of the steps, the first of a counted run. */
  anchor: string;
  marks: Mark[];
}

/** The step number under which a counted rule's `reset` is marked. */
export const RESET = -1;
/** Of one rule in one session; when there are more, the oldest are left out. */
export const MAX_MARKS = 512;

/**
 * The chains of one rule in one session. A function of the set of marks alone: the order in which they arrived, in which
 * portions, and how often, changes nothing.
 */
export function chainsOf(rule: Sequence, marks: readonly Mark[]): Chain[] {
  const sorted = [...marks].sort(inOrder).slice(-MAX_MARKS);
  return rule.count === undefined ? stepChains(rule, sorted) : countedChains(rule, rule.count, sorted);
}

/** By place in the session; two marks of one event by step. Clocks are not asked. */
export function inOrder(a: Mark, b: Mark): number {
  return a.ordinal - b.ordinal || (a.event < b.event ? -1 : Number(a.event > b.event)) || a.step - b.step;
}

function stepChains(rule: Sequence, sorted: readonly Mark[]): Chain[] {
  const last = rule.steps.length - 1;
  return sorted.flatMap((mark, at) => {
    if (mark.step !== last) return [];
    const marks = walkBack(rule, sorted, [mark], at);
    return marks === undefined ? [] : [{ anchor: mark.event, marks }];
  });
}

/** Completes the chain behind `found` (its later part, in order) with the latest earlier marks that fit. */
function walkBack(rule: Sequence, sorted: readonly Mark[], found: readonly Mark[], before: number): Mark[] | undefined {
  const [next] = found;
  const end = found.at(-1);
  if (next === undefined || end === undefined) return undefined;
  if (next.step === 0) return [...found];
  for (let at = before - 1; at >= 0; at--) {
    const mark = sorted[at];
    if (mark === undefined || mark.step !== next.step - 1) continue;
    if (mark.event === next.event && rule.sameEvent !== true) continue;
    if (!near(rule, mark, end) || !share(rule, mark, next)) continue;
    const whole = walkBack(rule, sorted, [mark, ...found], at);
    if (whole !== undefined) return whole;
  }
  return undefined;
}

function near({ windowSeconds, maxTurns }: Sequence, first: Mark, last: Mark): boolean {
  const ms = Date.parse(last.time) - Date.parse(first.time);
  return ms <= windowSeconds * 1_000 && (maxTurns === undefined || turnsBetween(first, last) <= maxTurns);
}

/** Where Kiro counts no turns, another turn is one turn away: nothing tells how many more lie between. */
function turnsBetween({ turn: a }: Mark, { turn: b }: Mark): number {
  if (a === null || b === null || a.id === b.id) return 0;
  return a.index === null || b.index === null ? 1 : Math.abs(b.index - a.index);
}

function share({ steps }: Sequence, a: Mark, b: Mark): boolean {
  if (steps[a.step]?.keys === undefined || steps[b.step]?.keys === undefined) return true;
  return a.keys.some((key) => key !== '' && b.keys.includes(key));
}

function countedChains(rule: Sequence, count: number, sorted: readonly Mark[]): Chain[] {
  const chains: Chain[] = [];
  let run: Mark[] = [];
  for (const mark of sorted) {
    if (mark.step === RESET) run = [];
    else run.push(mark);
    const last = run.at(-1);
    while (last !== undefined && run[0] !== undefined && !near(rule, run[0], last)) run.shift();
    if (run.length < count || run[0] === undefined) continue;
    chains.push({ anchor: run[0].event, marks: run });
    run = [];
  }
  return chains;
}
