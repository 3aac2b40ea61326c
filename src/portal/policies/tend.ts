import { describe } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { PortalStore } from '../store/store.ts';
import { type Means, sendNotice } from './send-notice.ts';
import type { Judging } from './stored.ts';

const INTERVAL_MS = 60_000;
const AT_ONCE = 200;
const NOTICES = 20;

export interface Tended {
  store: PortalStore;
  now: () => Date;
  log: Log;
  judging: Judging;
  means(): Promise<Means>;
}

/**
 * Once a minute: judges what was stored and not judged, and sends the notices that are due. `wake` does it now. What fails is
 * logged and tried again; it never reaches a request.
 */
export function startTending(portal: Tended): { wake(): Promise<void>; stop(): void } {
  let running: Promise<void> | undefined;
  let stopped = false;
  const round = async (): Promise<void> => {
    try {
      const due = await portal.store.notifications.due(portal.now().toISOString(), NOTICES);
      for (const notice of due) {
        const outcome = await sendNotice(notice, portal.now, await portal.means());
        if (stopped) return;
        await portal.store.notifications.settle(notice, outcome);
      }
      if (!stopped) await portal.store.events.judgeAgain(portal.judging, portal.now().toISOString(), AT_ONCE);
    } catch (error) {
      if (!stopped) portal.log.error('looking after policies failed', { reason: describe(error) });
    }
  };
  const wake = (): Promise<void> => {
    running ??= round().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => void wake(), INTERVAL_MS).unref();
  return {
    wake,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
