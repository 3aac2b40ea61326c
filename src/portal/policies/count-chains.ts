import type { CapsuleEvent } from '../../core/event.ts';
import type { Judgement } from './judge.ts';
import type { Sequence } from './policy.ts';
import type { Sample } from './records.ts';
import type { RuleSet } from './rule-set.ts';
import { chainsOf, type Mark } from './sequences.ts';
import { STORED, TRIED } from './tried.ts';

type Head = Omit<Sample, 'evidence'>;
type Chains = Map<string, Sample>;
const NONE: Chains = new Map();

/** What more marks changed in what the rules find. */
export interface ChainCount {
  matches: number;
  added: number;
  gone: number;
  samples: Sample[];
}

/** Keeps the steps of the tried and the stored sequence by session, and counts what each session's steps amount to. */
export function countChains(rules: RuleSet): { add(judgement: Judgement): ChainCount; marks(): number } {
  const sequences = rules.sequences.filter(({ id }) => id === TRIED || id === STORED);
  const marks = new Map<string, Mark[]>();
  const heads = new Map<string, Head>();
  const chains = new Map<string, Chains>();
  let kept = 0;
  const keep = (rule: string, step: number, event: CapsuleEvent, keys: string[]) => {
    const key = `${rule} ${event.session.id}`;
    const list = marks.get(key) ?? [];
    marks.set(key, list);
    list.push({ step, event: event.id, turn: event.turn, ordinal: event.source.ordinal, time: event.time, keys });
    const { id, session, device, time } = event;
    heads.set(id, { event: id, session: session.id, agent: device.id, user: device.user, time });
    kept++;
  };
  const of = (rule: string, session: string) => chains.get(`${rule} ${session}`) ?? NONE;
  return {
    marks: () => kept,
    add(judgement) {
      const touched = new Set<string>();
      for (const { sequence, step, event, keys } of judgement.marks) {
        if (!sequences.some(({ id }) => id === sequence.id)) continue;
        keep(sequence.id, step, event, keys);
        touched.add(event.session.id);
      }
      const sum: ChainCount = { matches: 0, added: 0, gone: 0, samples: [] };
      for (const session of touched) {
        const before = [of(TRIED, session), of(STORED, session)] as const;
        for (const { id, rule } of sequences) {
          const key = `${id} ${session}`;
          chains.set(key, findChains(rule, marks.get(key) ?? [], heads));
        }
        addChange(sum, before, [of(TRIED, session), of(STORED, session)]);
      }
      return sum;
    },
  };
}

function findChains(rule: Sequence, marks: readonly Mark[], heads: ReadonlyMap<string, Head>): Chains {
  return new Map(
    chainsOf(rule, marks).flatMap(({ anchor, marks: steps }) => {
      const head = heads.get(anchor);
      if (head === undefined) return [];
      const evidence = steps.map(({ event }) => ({ event, path: '/body', start: null, end: null }));
      return [[anchor, { ...head, evidence }]];
    }),
  );
}

type Pair = readonly [tried: Chains, stored: Chains];

/** Chains that are in one and not in the other, before and now. */
function addChange(sum: ChainCount, before: Pair, now: Pair): void {
  const only = (a: Chains, b: Chains) => [...a].filter(([id]) => !b.has(id));
  sum.matches += now[0].size - before[0].size;
  sum.added += only(...now).length - only(...before).length;
  sum.gone += only(now[1], now[0]).length - only(before[1], before[0]).length;
  sum.samples.push(...only(now[0], before[0]).map(([, sample]) => sample));
}
