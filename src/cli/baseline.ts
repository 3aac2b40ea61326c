import { baselineCursor } from '../capture/session-cursor.ts';
import type { Json } from '../core/event.ts';
import { findSessionFolders } from '../kiro/session-folders-1x.ts';
import type { Outbox } from '../relay/outbox.ts';

const DONE = 'baseline';

/** On the first start ever: what Kiro recorded before we came is not told; each session goes on from where it is now. */
export async function setBaseline(sessionsRoot: string, outbox: Outbox, now: Date): Promise<void> {
  if (outbox.fact(DONE) !== null) return;
  for (const folder of await findSessionFolders(sessionsRoot)) {
    const value = (await baselineCursor(folder)) as unknown as Json;
    outbox.commit({ events: [], cursor: { session: folder.id, value } });
  }
  outbox.setFact(DONE, now.toISOString());
}
