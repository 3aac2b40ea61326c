import type { SessionSource } from '../capture/session-source.ts';
import type { Outbox } from '../relay/outbox.ts';

/** Stands for the moment of a baseline while a store is switched off. */
const OFF = 'off';

/**
 * Before a store is read for the first time: what Kiro recorded before we came is not told; each session goes on from where
 * it is now. A store that is switched on again begins anew.
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
    }
    outbox.setFact(done, now.toISOString());
  }
}
