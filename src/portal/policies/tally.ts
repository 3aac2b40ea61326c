import type { CapsuleEvent } from '../../core/event.ts';
import { countChains } from './count-chains.ts';
import type { Judgement } from './judge.ts';
import type { Evidence, RunResult, Sample } from './records.ts';
import type { RuleSet } from './rule-set.ts';
import { STORED, TRIED } from './tried.ts';

/** `marks`: steps of sequences that are kept in memory until the end. */
export const BOUNDS = { matches: 10_000, marks: 100_000, samples: 50 };

/** What a look back has found so far. */
export interface Tally {
  add(events: readonly CapsuleEvent[], judgement: Judgement): void;
  result(): RunResult;
}

/** Counts what the tried rule matches, and how that differs from the stored one, when `rules` has both. */
export function startTally(rules: RuleSet, compares: boolean): Tally {
  const result = emptyResult(compares);
  const users = new Set<string>();
  const chains = countChains(rules);
  return {
    add(events, judgement) {
      result.events += events.length;
      result.searchedTo = events.at(-1)?.time ?? result.searchedTo;
      countFailures(result, judgement);
      const found = new Map<string, Sample>();
      const before = new Set<string>();
      for (const { policy, event, evidence } of judgement.findings) {
        if (policy.id === TRIED) found.set(event.id, sampleOf(event, evidence));
        else if (policy.id === STORED) before.add(event.id);
      }
      const difference = chains.add(judgement);
      result.matches += found.size + difference.matches;
      if (result.difference !== null) {
        const only = (ids: Iterable<string>, others: { has(id: string): boolean }) =>
          [...ids].filter((id) => !others.has(id)).length;
        result.difference.added += only(found.keys(), before) + difference.added;
        result.difference.gone += only(before, found) + difference.gone;
      }
      const samples = [...found.values(), ...difference.samples];
      for (const { user } of samples) users.add(user);
      result.samples.push(...samples.slice(0, BOUNDS.samples - result.samples.length));
      if (result.matches >= BOUNDS.matches) result.ended = 'matches';
      else if (chains.marks() >= BOUNDS.marks) result.ended = 'marks';
    },
    result: () => ({ ...result, users: users.size, samples: [...result.samples] }),
  };
}

/** Nothing found yet. */
export const emptyResult = (compares: boolean): RunResult => ({
  ...{ events: 0, searchedTo: null, ended: null, matches: 0, users: 0, failures: 0, firstFailure: null },
  ...{ samples: [], difference: compares ? { added: 0, gone: 0 } : null, kept: 0, tookMs: 0 },
});

const sampleOf = ({ id, session, device, time }: CapsuleEvent, evidence: Evidence[]): Sample => ({
  ...{ event: id, session: session.id, agent: device.id, user: device.user, time, evidence },
});

function countFailures(result: RunResult, { failures, slow, unjudged }: Judgement): void {
  const own = failures.filter(({ policy }) => policy === TRIED);
  const late = new Set([...slow.filter(({ policy }) => policy === TRIED).map(({ event }) => event), ...unjudged]);
  result.failures += own.length + late.size;
  const [first] = own;
  const [firstLate] = late;
  if (first !== undefined) result.firstFailure ??= { event: first.event, code: first.code, message: first.message };
  else if (firstLate !== undefined) {
    result.firstFailure ??= { event: firstLate, code: 'too_slow', message: 'It took longer than an event may take' };
  }
}
