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

type Take = (events: readonly CapsuleEvent[], judgement: Judgement) => Promise<boolean>;

/**
 * Judges stored events by rules, newest first, in short slices between which everything else is answered. `take` is given each
 * slice and says whether to go on. What was known before an event is not known here: `contentLowered` is always false.
 */
export async function lookBack(
  events: Pick<EventStore, 'list'>,
  org: string,
  { rules, from }: { rules: RuleSet; from: string | null },
  take: Take,
): Promise<void> {
  const judgeSlices = slicer(rules, take);
  const filter = from === null ? {} : { from };
  let after: string | undefined;
  do {
    const page = await events.list(org, filter, { ...PAGE, ...(after !== undefined && { after }) });
    await setImmediate();
    if (!(await judgeSlices(page.items.map(({ event }) => event)))) return;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** Judges events in slices whose size follows from what the last one took; false when `take` has had enough. */
function slicer(rules: RuleSet, take: Take): (events: CapsuleEvent[]) => Promise<boolean> {
  let size = 50;
  const resize = (took: number) => {
    if (took < QUICK_MS) size = Math.min(PAGE.limit, size * 2);
    else if (took > SLOW_MS) size = Math.max(1, size >> 1);
  };
  return async (events) => {
    for (let at = 0; at < events.length; ) {
      const begin = performance.now();
      const slice = events.slice(at, at + size);
      const unjudged = slice.map((event) => ({ event, before: { content: null } }));
      const judgement = judge(rules, unjudged, SLICE);
      // Too much for one slice: fewer, and what one event alone cannot do in the time counts as failed.
      if (judgement.unjudged.length > 0 && slice.length > 1) size = Math.max(1, slice.length >> 2);
      else {
        at += slice.length;
        if (!(await take(slice, judgement))) return false;
        resize(performance.now() - begin);
      }
      await setImmediate();
    }
    return true;
  };
}
