import type { Removed } from '../../../relay/losses.ts';
import { peekOutbox } from '../../../relay/peek-outbox.ts';
import { ago, bytes, count } from '../../say.ts';
import { type Check, type Finding, found, passed, skipped } from '../check.ts';

const DAY_MS = 24 * 60 * 60_000;
const OLD_MS = 7 * DAY_MS;

export const outboxGaps: Check = {
  id: 'outbox.gaps',
  title: 'no event had to go to keep the outbox in its bounds',
  why: 'What was removed is at no portal; a gap event there says how many, from when to when, and of which session.',
  remedy: 'Raise the bound: `capsule-kiro config set outbox.maxBytes BYTES`, or `outbox.maxAgeDays DAYS`.',
  needs: ['install.present', 'settings.valid', 'outbox.intact'],
  async run(host, facts) {
    const look = await facts.daemon();
    const waiting = look.is === 'up' ? look.state.outbox : peekOutbox(host.own.database);
    if ('is' in waiting && waiting.is !== 'whole') return skipped('there is none to look into');
    const { 'outbox.maxBytes': maxBytes, 'outbox.maxAgeDays': days } = facts.settings();
    return judgeRemoved(waiting.removed, { maxBytes, maxAgeMs: days * DAY_MS }, host.now(), [host.own.database]);
  },
};

/** A loss counts for a week, or until the bound that caused it is raised. Pure. */
export function judgeRemoved(
  removed: Removed | null,
  { maxBytes, maxAgeMs }: { maxBytes: number; maxAgeMs: number },
  now: Date,
  read: string[],
): Finding {
  if (removed === null) return passed(read, 'none ever had to');
  const { events, last, bound, limit } = removed;
  const was = bound === 'size' ? `outbox.maxBytes, then ${bytes(limit)}` : `outbox.maxAgeDays, then ${limit / DAY_MS}`;
  const said = `${count(events, 'event')} removed so far, the last ${ago(last, now)}, by the bound ${was}`;
  const raised = (bound === 'size' ? maxBytes : maxAgeMs) > limit;
  if (raised || now.getTime() - Date.parse(last) > OLD_MS) return passed(read, said);
  return found('warn', read, [said], {
    say: 'Have more kept while the portal is away; what is gone stays gone, and is told there by a gap',
    command: `capsule-kiro config set ${bound === 'size' ? `outbox.maxBytes ${2 * limit}` : `outbox.maxAgeDays ${(2 * limit) / DAY_MS}`}`,
  });
}
