import type { CapsuleEvent } from '../../src/core/event.ts';
import { makeEvent } from '../helpers/portal-events.ts';
import { readShort } from '../helpers/short-events.ts';
import { BENIGN } from '../portal/policies/corpus.ts';

/** Sessions of 200 events: half of them tool calls from the benign corpus, the rest what stands between. */
export function traffic(round: string, count: number): CapsuleEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const others = [makeEvent('prompt.submitted'), makeEvent('agent.responded'), makeEvent('agent.reasoned')];
    const event =
      n % 2 === 0 ? readShort(BENIGN[(n / 2) % BENIGN.length] ?? '').event : (others[n % 3] as CapsuleEvent);
    const session = { ...event.session, id: `${round}-${Math.floor(n / 200)}` };
    return {
      ...event,
      id: `${round}-${n}`,
      session,
      turn: { id: `t-${Math.floor(n / 20)}`, index: 1 },
    } as CapsuleEvent;
  });
}
