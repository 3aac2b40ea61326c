import type { DaemonState } from '../daemon-state.ts';
import type { ProbeAccount } from '../follow-probes.ts';
import type { Hop } from './hop.ts';

type Delivery = Pick<DaemonState, 'delivery' | 'outbox'>;

/** What is known of the request and the answer, or undefined as long as there is nothing to say. Pure. */
export function judgeDelivery(
  account: ProbeAccount,
  state: Delivery | undefined,
  at: (time: string) => number,
): { request: Hop; portal: Hop | null } | undefined {
  const { sending, answered, answer } = account;
  const held = state === undefined ? null : standstill(state);
  if (sending === null) return held === null ? undefined : { request: failed('request', held), portal: null };
  if (state?.delivery.state === 'unset')
    return { request: failed('request', standstill(state) ?? NO_WORD), portal: null };
  const request: Hop = { hop: 'request', status: 'passed', at: at(sending), detail: 'sent to the portal', fix: null };
  if (answered !== null) return { request, portal: { ...judgeAnswer(answer ?? ''), at: at(answered) } };
  return held === null ? undefined : { request, portal: failed('portal', held) };
}

function judgeAnswer(answer: string): Hop {
  const passed = { hop: 'portal', status: 'passed', at: null, fix: null } as const;
  if (answer === 'accepted') {
    return { ...passed, detail: 'acknowledged: the portal has noted it, and keeps it out of the data' };
  }
  // Before they knew probes, portals said this word for word: the whole way works.
  if (answer === 'kind-unknown') return { ...passed, detail: 'answered: the portal is older and knows no probes' };
  return failed('portal', { detail: `the portal refused it: ${answer}`, fix: 'capsule-kiro diagnose --only portal' });
}

interface Standstill {
  detail: string;
  fix: string;
}
const NO_WORD: Standstill = { detail: 'nothing is sent', fix: 'capsule-kiro status' };

/** Why nothing goes out, and nothing will until something changes; null while it may yet. */
function standstill({ delivery, outbox }: Delivery): Standstill | null {
  const why = delivery.why ?? 'no reason is known';
  switch (delivery.state) {
    case 'unset':
      return { detail: why, fix: 'Ask for an enrolment code, then: capsule-kiro token set' };
    case 'held':
      return {
        detail: `held: ${why}`,
        fix: 'capsule-kiro diagnose --only token, and: capsule-kiro diagnose --only portal',
      };
    case 'waiting':
      return { detail: `${why}; ${outbox.events} wait in the outbox`, fix: 'capsule-kiro diagnose --only portal' };
    default:
      return null;
  }
}

function failed(hop: Hop['hop'], { detail, fix }: Standstill): Hop {
  return { hop, status: 'failed', at: null, detail, fix };
}
