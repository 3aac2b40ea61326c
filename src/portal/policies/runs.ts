import { describe } from '../../core/failure.ts';
import type { ActivePolicy } from './policy.ts';
import type { PolicyRun, RunResult } from './records.ts';
import type { Tended } from './tend.ts';

/** Looks back over stored events, one after the other, beside everything else that the portal does. */
export interface Runs {
  /** Begins with what waits. */
  wake(): void;
  /** What the run has found so far; undefined unless it goes on right now. */
  progress(org: string, id: string): RunResult | undefined;
  /** Ends the run, if it goes on or waits, with what it has found. */
  cancel(org: string, id: string): Promise<void>;
  stop(): void;
}

const LOOK_MS = 15_000;

interface Current {
  org: string;
  run: PolicyRun;
  result(): RunResult;
  cancelled: boolean;
}

/** A run that the portal's end cut off begins anew at its next start: what it keeps is kept once, however often it is found. */
export function startRuns(portal: Omit<Tended, 'means'>): Runs {
  const { store, now, log } = portal;
  let current: Current | undefined;
  let working = false;
  let stopped = false;

  const settle = async ({ org, run, result }: Current, state: PolicyRun['state']): Promise<void> => {
    if (stopped) return;
    await store.runs.settle(org, run.id, { state, result: result(), at: now().toISOString() });
  };
  const work = async (org: string, run: PolicyRun): Promise<void> => {
    const mine: Current = { org, run, result: () => run.result, cancelled: false };
    current = mine;
    try {
      await perform(portal, mine, () => !stopped && !mine.cancelled);
      await settle(mine, mine.cancelled ? 'cancelled' : 'done');
    } catch (error) {
      if (!stopped) log.error('a look back over stored events failed', { reason: describe(error) });
      await settle(mine, 'failed');
    } finally {
      current = undefined;
    }
  };
  const workAll = async (): Promise<void> => {
    for (;;) {
      const [next] = stopped ? [] : await store.runs.unfinished();
      if (next === undefined) return;
      if ((await store.replicas?.mine('runs')) === false) return store.replicas?.tell({ what: 'run' });
      await work(next.org, next.run);
    }
  };
  const is = (org: string, id: string) => current?.org === org && current.run.id === id;
  const wake = () => {
    if (working || stopped) return;
    working = true;
    void workAll()
      .catch((error: unknown) => {
        if (!stopped) log.error('looking for waiting runs failed', { reason: describe(error) });
      })
      .finally(() => {
        working = false;
      });
  };
  store.replicas?.hear((signal) => {
    if (signal === 'missed' || signal.what === 'run') wake();
    else if (signal.what === 'run-cancelled' && is(signal.org, signal.id) && current) current.cancelled = true;
  });
  // The replica that does them may have gone.
  const look = store.replicas === undefined ? undefined : setInterval(wake, LOOK_MS).unref();
  return {
    wake,
    progress: (org, id) => (is(org, id) ? current?.result() : undefined),
    async cancel(org, id) {
      if (current !== undefined && is(org, id)) {
        current.cancelled = true;
        return;
      }
      const run = await store.runs.get(org, id);
      if (run?.state !== 'running') return;
      store.replicas?.tell({ what: 'run-cancelled', org, id });
      await store.runs.settle(org, id, { state: 'cancelled', result: run.result, at: now().toISOString() });
    },
    stop() {
      stopped = true;
      clearInterval(look);
    },
  };
}

async function perform(
  { store, now }: Pick<Tended, 'store' | 'now'>,
  current: Current,
  goesOn: () => boolean,
): Promise<void> {
  const [{ lookBack }, { startTally }, { triedRules, TRIED }] = await Promise.all([
    import('./look-back.ts'),
    import('./tally.ts'),
    import('./tried.ts'),
  ]);
  const { org, run } = current;
  const { asked, kind } = run;
  const active = await store.policies.active(org);
  const stored = await comparedWith(store, org, run);
  const rules = triedRules(asked, stored, active);
  const tally = startTally(rules, stored !== undefined);
  const begin = now().getTime();
  let kept = 0;
  current.result = () => ({ ...tally.result(), kept, tookMs: now().getTime() - begin });
  // What is kept goes by the policy's own id and version, as if it had been judged when it was stored.
  const own = kind === 'judge' ? active.find(({ id }) => id === run.policy) : undefined;
  await lookBack(store.events, org, { rules, from: asked.from }, async (events, judgement) => {
    if (!goesOn()) return false;
    tally.add(events, judgement);
    if (own !== undefined) {
      const rename = <T extends { id: string }>(rule: T): T => ({ ...rule, ...headOf(own) });
      const findings = judgement.findings.filter(({ policy }) => policy.id === TRIED);
      const marks = judgement.marks.filter(({ sequence }) => sequence.id === TRIED);
      const found = {
        ...judgement,
        findings: findings.map((finding) => ({ ...finding, policy: rename(finding.policy) })),
        marks: marks.map((mark) => ({ ...mark, sequence: rename(mark.sequence) })),
      };
      kept += await store.runs.keep(org, found, now().toISOString());
    }
    return goesOn() && tally.result().ended === null;
  });
  if (goesOn() && tally.result().ended === null) {
    const all = current.result;
    current.result = () => ({ ...all(), ended: 'all', searchedTo: asked.from ?? all().searchedTo });
  }
  const end = current.result();
  current.result = () => end;
}

const headOf = ({ id, version, severity }: ActivePolicy) => ({ id, version, severity });

async function comparedWith(
  store: Tended['store'],
  org: string,
  { policy, asked: { comparedWith: version } }: PolicyRun,
): Promise<ActivePolicy | undefined> {
  if (version === null) return undefined;
  const found = (await store.policies.versions(org, policy)).find((each) => each.version === version);
  return found === undefined ? undefined : { ...found.policy, id: policy, version };
}
