import type { CapsuleEvent } from '../../core/event.ts';
import { evidenceOf } from './evidence.ts';
import { failureOf } from './expression.ts';
import type { Before } from './facts/facts.ts';
import { type JudgedEvent, judgedEvent } from './judged-event.ts';
import { listenToHits } from './re2.ts';
import type { Evidence } from './records.ts';
import type { ReadyPolicy, ReadySequence, RuleSet } from './rule-set.ts';
import { runWithin } from './run-within.ts';
import { isTarget } from './targets.ts';

/** An event and what was known before it. */
export interface Unjudged {
  event: CapsuleEvent;
  before: Before;
}
export interface Finding {
  policy: ReadyPolicy;
  event: CapsuleEvent;
  evidence: Evidence[];
}
/** A step of a sequence that an event is. */
export interface Marked {
  sequence: ReadySequence;
  step: number;
  event: CapsuleEvent;
  keys: string[];
}
/** A policy that could not be evaluated on an event. It says nothing about the event, and the author should know. */
export interface PolicyFailure {
  policy: string;
  event: string;
  code: string;
  message: string;
}
export interface Judgement {
  findings: Finding[];
  marks: Marked[];
  failures: PolicyFailure[];
  /** Policies that ran out of time, once for each event. */
  slow: { policy: string; event: string }[];
  /** Events that could not be judged whole, and are to be judged again. */
  unjudged: string[];
  /** Policies that could be evaluated at least once, and how often each has failed since. */
  sound: Set<string>;
  failing: Map<string, number>;
}

const BATCH = 100;
/**
 * In ms of real time: all of one call, a batch, and one policy on one event when the batch took too long. The first is what a
 * device that sends the most expensive events it can think of may cost the others.
 */
export const LIMITS: Limits = { whole: 5_000, batch: 1_000, single: 50 };
export interface Limits {
  whole: number;
  batch: number;
  single: number;
}

/** Judges events by an organisation's rules. Never throws for what an event or a policy holds; its time is bounded. */
export function judge(rules: RuleSet, events: readonly Unjudged[], limits: Limits = LIMITS): Judgement {
  const whole = emptyJudgement();
  const end = performance.now() + limits.whole;
  for (let at = 0; at < events.length; at += BATCH) {
    const batch = events.slice(at, at + BATCH);
    if (performance.now() >= end) {
      whole.unjudged.push(...batch.map(({ event }) => event.id));
      continue;
    }
    const judged = runWithin(limits.batch, () => {
      const result = emptyJudgement();
      for (const each of batch) judgeOne(result, rules, each.event, judgedEvent(each.event, each.before));
      return result;
    });
    add(whole, judged?.result ?? judgeSlowly(rules, batch, limits.single, end));
  }
  return whole;
}

const emptyJudgement = (): Judgement => ({
  ...{ findings: [], marks: [], failures: [], slow: [], unjudged: [] },
  ...{ sound: new Set(), failing: new Map() },
});

function add(whole: Judgement, part: Judgement): void {
  whole.findings.push(...part.findings);
  whole.marks.push(...part.marks);
  whole.failures.push(...part.failures);
  whole.slow.push(...part.slow);
  whole.unjudged.push(...part.unjudged);
  for (const id of part.sound) {
    whole.sound.add(id);
    whole.failing.delete(id);
  }
  for (const [id, count] of part.failing) whole.failing.set(id, (whole.failing.get(id) ?? 0) + count);
}

function judgeOne(result: Judgement, rules: RuleSet, event: CapsuleEvent, judged: JudgedEvent): void {
  for (const policy of rules.policies) applyPolicy(result, policy, event, judged);
  for (const sequence of rules.sequences) applySequence(result, sequence, event, judged);
}

function applyPolicy(result: Judgement, policy: ReadyPolicy, event: CapsuleEvent, judged: JudgedEvent): void {
  if (policy.kinds?.includes(event.kind) === false || !isTarget(policy.targets, event)) return;
  try {
    const matches = policy.evaluate(judged) === true;
    worked(result, policy.id);
    if (!matches) return;
    const evidence = evidenceOf(
      event,
      listenToHits(() => policy.evaluate(judged)),
    );
    result.findings.push({ policy, event, evidence });
    judged.verdicts.push(policy.id);
  } catch (error) {
    // Whatever a policy throws is a mistake of the policy; the event is judged by the others.
    failed(result, policy.id, event.id, error);
  }
}

function worked({ sound, failing }: Judgement, policy: string): void {
  sound.add(policy);
  if (failing.size > 0) failing.delete(policy);
}

function failed({ failures, failing }: Judgement, policy: string, event: string, error: unknown): void {
  failures.push({ policy, event, ...failureOf(error) });
  failing.set(policy, (failing.get(policy) ?? 0) + 1);
}

function applySequence(result: Judgement, sequence: ReadySequence, event: CapsuleEvent, judged: JudgedEvent): void {
  if (!isTarget(sequence.targets, event)) return;
  for (const { step, kinds, evaluate, keys } of sequence.parts) {
    if (kinds?.includes(event.kind) === false) continue;
    try {
      const matches = evaluate(judged) === true;
      worked(result, sequence.id);
      if (!matches) continue;
      const found = keys?.(judged);
      const texts = Array.isArray(found)
        ? found.filter((key): key is string => typeof key === 'string' && key !== '')
        : [];
      result.marks.push({
        sequence,
        step,
        event,
        keys: [...new Set(texts)].slice(0, MAX_KEYS).map((key) => key.slice(0, MAX_KEY)),
      });
    } catch (error) {
      // As for a policy.
      failed(result, sequence.id, event.id, error);
    }
  }
}
const MAX_KEYS = 200;
const MAX_KEY = 1_000;

/** One policy on one event at a time, so that the one that takes too long can be named. */
function judgeSlowly(rules: RuleSet, batch: readonly Unjudged[], limitMs: number, end: number): Judgement {
  const result = emptyJudgement();
  for (const { event, before } of batch) {
    const late = performance.now() >= end;
    const judged = late ? undefined : runWithin(limitMs * 4, () => judgedEvent(event, before))?.result;
    if (judged === undefined) {
      result.unjudged.push(event.id);
      continue;
    }
    const within = (id: string, work: (part: Judgement) => void) => {
      const part = emptyJudgement();
      if (runWithin(limitMs, () => work(part)) !== undefined) add(result, part);
      else result.slow.push({ policy: id, event: event.id });
    };
    for (const policy of rules.policies) within(policy.id, (part) => applyPolicy(part, policy, event, judged));
    for (const sequence of rules.sequences) within(sequence.id, (part) => applySequence(part, sequence, event, judged));
    if (result.slow.some((slow) => slow.event === event.id)) result.unjudged.push(event.id);
  }
  return result;
}
