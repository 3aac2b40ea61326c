import { setImmediate } from 'node:timers/promises';
import type { CapsuleEvent } from '../../core/event.ts';
import type { PortalContext } from '../portal-context.ts';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import type { Targets } from './policy.ts';
import { type RuleSet, readyRules } from './rule-set.ts';

export interface TriedRule {
  expression: string;
  targets: Targets;
}
export interface DryRun {
  /** How many events were looked at, down to which time, and why no further. */
  events: number;
  searchedTo: string | null;
  ended: 'all' | 'time' | 'events' | 'matches';
  matches: number;
  users: number;
  failures: number;
  firstFailure: { event: string; code: string; message: string } | null;
  /** The newest matches. */
  samples: { event: string; session: string; agent: string; user: string; time: string; evidence: Evidence[] }[];
  /** Against the stored version, over the same events; null for a new policy. */
  difference: { added: number; gone: number } | null;
  tookMs: number;
}

const PAGE = { limit: 500, maxBytes: 4 * 1024 * 1024 };
export const BOUNDS = { ms: 20_000, events: 200_000, matches: 10_000, samples: 50 };

/** Judges stored events by a drafted rule, newest first, within bounds; requests are answered meanwhile. Stores nothing. */
export async function dryRun(
  { store, now }: Pick<PortalContext, 'store' | 'now'>,
  org: string,
  { draft, stored, from }: { draft: TriedRule; stored: TriedRule | null; from: string | null },
): Promise<DryRun> {
  const begin = now().getTime();
  const rules = rulesOf(draft, stored);
  const run = emptyRun(stored !== null);
  const users = new Set<string>();
  let after: string | undefined;
  for (;;) {
    const filter = from === null ? {} : { from };
    const page = await store.events.list(org, filter, { ...PAGE, ...(after !== undefined && { after }) });
    count(
      run,
      rules,
      page.items.map(({ event }) => event),
      users,
    );
    run.tookMs = now().getTime() - begin;
    run.ended =
      run.matches >= BOUNDS.matches
        ? 'matches'
        : run.tookMs >= BOUNDS.ms
          ? 'time'
          : run.events >= BOUNDS.events
            ? 'events'
            : 'all';
    if (page.next === null || run.ended !== 'all') break;
    after = page.next;
    await setImmediate();
  }
  if (after === undefined && run.ended === 'all') run.searchedTo = from;
  return { ...run, users: users.size };
}

function rulesOf(draft: TriedRule, stored: TriedRule | null): RuleSet {
  const policy = (id: string, rule: TriedRule) => ({
    ...rule,
    sequence: null,
    id,
    version: 0,
    severity: 'low' as const,
  });
  return readyRules([policy('draft', draft), ...(stored === null ? [] : [policy('stored', stored)])]).rules;
}

const emptyRun = (compares: boolean): DryRun => ({
  events: 0,
  searchedTo: null,
  ended: 'all',
  matches: 0,
  users: 0,
  failures: 0,
  firstFailure: null,
  samples: [],
  difference: compares ? { added: 0, gone: 0 } : null,
  tookMs: 0,
});

function count(run: DryRun, rules: RuleSet, events: readonly CapsuleEvent[], users: Set<string>): void {
  const { findings, failures, slow } = judge(
    rules,
    events.map((event) => ({ event, before: { content: null } })),
  );
  const of = (id: string) => findings.filter(({ policy }) => policy.id === id);
  const [found, before] = [of('draft'), new Set(of('stored').map(({ event }) => event.id))];
  const foundIds = new Set(found.map(({ event }) => event.id));
  run.events += events.length;
  run.searchedTo = events.at(-1)?.time ?? run.searchedTo;
  run.matches += found.length;
  for (const { event, evidence } of found) {
    users.add(event.device.user);
    if (run.samples.length >= BOUNDS.samples) continue;
    run.samples.push({
      event: event.id,
      session: event.session.id,
      agent: event.device.id,
      user: event.device.user,
      time: event.time,
      evidence,
    });
  }
  if (run.difference !== null) {
    run.difference.added += [...foundIds].filter((id) => !before.has(id)).length;
    run.difference.gone += [...before].filter((id) => !foundIds.has(id)).length;
  }
  const own = failures.filter(({ policy }) => policy === 'draft');
  const late = slow.filter(({ policy }) => policy === 'draft');
  run.failures += own.length + late.length;
  const [first] = own;
  if (first !== undefined) run.firstFailure ??= { event: first.event, code: first.code, message: first.message };
  if (late[0] !== undefined)
    run.firstFailure ??= { event: late[0].event, code: 'too_slow', message: 'It took longer than an event may take' };
}
