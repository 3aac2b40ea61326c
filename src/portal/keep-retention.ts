import { EVENT_KINDS } from '../core/event.ts';
import { describe } from '../core/failure.ts';
import type { Log } from '../core/log.ts';
import { DAY_MS } from './credentials.ts';
import type { PortalStore } from './store/store.ts';

const INTERVAL_MS = 3_600_000;
/** Small transactions, with a turn for requests between them: nobody waits for a clean-up. */
const AT_ONCE = 500;

interface Kept {
  store: Pick<PortalStore, 'retention' | 'policies' | 'note' | 'replicas' | 'setValue'>;
  now(): Date;
  log: Log;
}

/** Name of the store's value that says when an organisation's events were last looked through, and how many went. */
export const lastRunName = (org: string): string => `retention:${org}`;

/** Removes what each organisation keeps no longer. How many events went; each organisation's clean-up is an act in its log. */
export async function removeExpired({ store, now }: Omit<Kept, 'log'>, isStopped = () => false): Promise<number> {
  let all = 0;
  const whole = await store.retention.removeWhole(now().toISOString());
  const wholeOf = new Map(whole.map(({ org, count }) => [org, count]));
  for (const org of await store.retention.organisations()) {
    const kept = await store.retention.get(org);
    let gone = wholeOf.get(org) ?? 0;
    for (const kind of EVENT_KINDS) {
      const days = kept[kind];
      if (days === null) continue;
      const before = new Date(now().getTime() - days * DAY_MS).toISOString();
      for (let removed = AT_ONCE; removed === AT_ONCE && !isStopped(); ) {
        removed = await store.retention.remove(org, kind, before, AT_ONCE);
        gone += removed;
        await new Promise(setImmediate);
      }
    }
    const longest = Math.max(...EVENT_KINDS.map((kind) => kept[kind] ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(longest)) {
      await store.policies.forgetBefore(org, new Date(now().getTime() - longest * DAY_MS).toISOString());
    }
    if (gone > 0) {
      await store.note(org, {
        time: now().toISOString(),
        actor: 'portal',
        act: 'removed',
        object: `${gone} events that are kept no longer`,
      });
    }
    await store.setValue(lastRunName(org), JSON.stringify({ time: now().toISOString(), removed: gone }));
    all += gone;
  }
  return all;
}

/** Does so at the start and once an hour. */
export function keepRetention(kept: Kept): { stop(): void } {
  let stopped = false;
  let running = false;
  const round = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      if ((await kept.store.replicas?.mine('retention')) === false) return;
      const removed = await removeExpired(kept, () => stopped);
      if (removed > 0) kept.log.info('events that are kept no longer were removed', { count: removed });
    } catch (error) {
      if (!stopped) kept.log.error('removing old events failed', { reason: describe(error) });
    } finally {
      running = false;
    }
  };
  const first = setTimeout(round, 60_000).unref();
  const timer = setInterval(round, INTERVAL_MS).unref();
  return {
    stop() {
      stopped = true;
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
