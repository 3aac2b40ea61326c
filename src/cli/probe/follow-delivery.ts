import type { DaemonState } from '../daemon-state.ts';
import type { ProbeAccount } from '../follow-probes.ts';
import type { Hop } from './hop.ts';

type Delivery = Pick<DaemonState, 'delivery' | 'outbox' | 'otlp'>;
type To = ProbeAccount['to'];

/** What is known of the request and the answer, or undefined as long as there is nothing to say. Pure. */
export function judgeDelivery(
  account: ProbeAccount,
  state: Delivery | undefined,
  at: (time: string) => number,
): { request: Hop; portal: Hop | null } | undefined {
  const { to, sending, answered, answer } = account;
  const held = state === undefined ? null : standstill(state, to);
  if (sending === null) return held === null ? undefined : { request: failed('request', held), portal: null };
  if (state !== undefined && deliveryTo(state, to).state === 'unset')
    return { request: failed('request', standstill(state, to) ?? NO_WORD), portal: null };
  const detail = `sent to ${NAMES[to]}`;
  const request: Hop = { hop: 'request', status: 'passed', at: at(sending), detail, fix: null };
  if (answered !== null) return { request, portal: { ...judgeAnswer(answer ?? '', to), at: at(answered) } };
  return held === null ? undefined : { request, portal: failed('portal', held) };
}

const NAMES = { portal: 'the portal', otlp: 'the OpenTelemetry endpoint' };

function deliveryTo({ delivery, otlp }: Delivery, to: To): DaemonState['delivery'] {
  return to === 'otlp' ? (otlp ?? delivery) : delivery;
}

function judgeAnswer(answer: string, to: To): Hop {
  const passed = { hop: 'portal', status: 'passed', at: null, fix: null } as const;
  if (answer === 'accepted' && to === 'otlp') {
    return { ...passed, detail: 'taken by the OpenTelemetry endpoint, as a log record called kiro.probe' };
  }
  if (answer === 'accepted') {
    return { ...passed, detail: 'acknowledged: the portal has noted it, and keeps it out of the data' };
  }
  // Before they knew probes, portals said this word for word: the whole way works.
  if (answer === 'kind-unknown') return { ...passed, detail: 'answered: the portal is older and knows no probes' };
  return failed('portal', {
    detail: `${NAMES[to]} refused it: ${answer}`,
    fix: `capsule-kiro diagnose --only ${to}`,
  });
}

interface Standstill {
  detail: string;
  fix: string;
}
const NO_WORD: Standstill = { detail: 'nothing is sent', fix: 'capsule-kiro status' };

/** Why nothing goes out, and nothing will until something changes; null while it may yet. */
function standstill(state: Delivery, to: To): Standstill | null {
  const delivery = deliveryTo(state, to);
  const why = delivery.why ?? 'no reason is known';
  if (to === 'otlp' && (delivery.state === 'held' || delivery.state === 'waiting')) {
    return { detail: why, fix: 'capsule-kiro diagnose --only otlp' };
  }
  switch (delivery.state) {
    case 'unset':
      return { detail: why, fix: 'Ask for an enrolment code, then: capsule-kiro token set' };
    case 'held':
      return {
        detail: `held: ${why}`,
        fix: 'capsule-kiro diagnose --only token, and: capsule-kiro diagnose --only portal',
      };
    case 'waiting':
      return {
        detail: `${why}; ${state.outbox.events} wait in the outbox`,
        fix: 'capsule-kiro diagnose --only portal',
      };
    default:
      return null;
  }
}

function failed(hop: Hop['hop'], { detail, fix }: Standstill): Hop {
  return { hop, status: 'failed', at: null, detail, fix };
}
