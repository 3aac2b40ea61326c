import type { SessionSource } from '../capture/session-source.ts';
import type { Outbox } from '../relay/outbox.ts';

/** On the first start ever: what Kiro recorded before we came is not told; each session goes on from where it is now. */
export async function setBaseline(sources: readonly SessionSource[], outbox: Outbox, now: Date): Promise<void> {
  for (const source of sources) {
    const done = `baseline ${source.store}`;
    if (outbox.fact(done) !== null) continue;
    for await (const { sessionId, cursor } of source.baseline()) {
      outbox.commit({ events: [], cursor: { store: source.store, session: sessionId, value: cursor } });
    }
    outbox.setFact(done, now.toISOString());
  }
}
