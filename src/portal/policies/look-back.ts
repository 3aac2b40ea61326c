import { setImmediate } from 'node:timers/promises';
import type { CapsuleEvent } from '../../core/event.ts';
import type { EventStore } from '../store/store.ts';
import { type Judgement, judge, type Limits } from './judge.ts';
import type { RuleSet } from './rule-set.ts';

/** What one slice may take, in ms: requests and events that arrive wait no longer than this. */
const SLICE: Limits = { whole: 150, batch: 100, single: 50 };
/** A slice that took less is made larger, one that took more smaller: most stay well below the limit. */
const QUICK_MS = 20;
const SLOW_MS = 60;
/** Reading and parsing a page is a slice, too. */
const PAGE = { limit: 200, maxBytes: 512 * 1024 };

/**
 * Judges stored events by rules, newest first, in short slices between which everything else is answered. `take` is given each
 * slice and says whether to go on. What was known before an event is not known here: `contentLowered` is always false.
 */
export async function lookBack(
  events: Pick<EventStore, 'list'>,
  org: string,
  { rules, from }: { rules: RuleSet; from: string | null },
  take: (events: readonly CapsuleEvent[], judgement: Judgement) => Promise<boolean>,
): Promise<void> {
  let size = 50;
  let after: string | undefined;
  do {
    const filter = from === null ? {} : { from };
    const page = await events.list(org, filter, { ...PAGE, ...(after !== undefined && { after }) });
    const waiting = page.items.map(({ event }) => event);
    await setImmediate();
    while (waiting.length > 0) {
      const begin = performance.now();
      const slice = waiting.slice(0, size);
      const judgement = judge(
        rules,
        slice.map((event) => ({ event, before: { content: null } })),
        SLICE,
      );
      // Too much for one slice: fewer, and what one event alone cannot do in the time counts as failed.
      const tooMuch = judgement.unjudged.length > 0 && slice.length > 1;
      if (tooMuch) size = Math.max(1, slice.length >> 2);
      else {
        waiting.splice(0, slice.length);
        if (!(await take(slice, judgement))) return;
        const took = performance.now() - begin;
        if (took < QUICK_MS) size = Math.min(PAGE.limit, size * 2);
        else if (took > SLOW_MS) size = Math.max(1, size >> 1);
      }
      await setImmediate();
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
}
