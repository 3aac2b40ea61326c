import { FILLED } from '../capture/backfill.ts';
import type { SessionSource } from '../capture/session-source.ts';
import type { Store } from '../core/event.ts';
import type { Outbox } from '../relay/outbox.ts';

/** Stands for the moment of a baseline while a store is switched off. */
const OFF = 'off';

/**
 * Before a store is read for the first time: what Kiro recorded before we came is not told; each session goes on from where
 * it is now. A store that is switched on again begins anew, and back-fill leaves alone what it holds by then.
 */
export async function setBaseline(sources: readonly SessionSource[], outbox: Outbox, now: Date): Promise<void> {
  for (const source of sources) {
    const done = `baseline ${source.store}`;
    const made = outbox.fact(done);
    if (source.isOn?.() === false) {
      if (made !== OFF) outbox.setFact(done, OFF);
      continue;
    }
    if (made !== null && made !== OFF) continue;
    for await (const { sessionId, cursor } of source.baseline()) {
      outbox.commit({ events: [], cursor: { store: source.store, session: sessionId, value: cursor } });
      if (made === OFF) outbox.commit({ events: [], cursor: { ...fillOf(source.store, sessionId), value: FILLED } });
    }
    outbox.setFact(done, now.toISOString());
  }
}

/** Where the progress of filling in a session is kept, beside its cursor. */
export function fillOf(store: Store, session: string): { store: `backfill ${Store}`; session: string } {
  return { store: `backfill ${store}`, session };
}
