import { expect, test } from '@jest/globals';
import type { DaemonState } from '../../../src/cli/daemon-state.ts';
import { judgeDelivery } from '../../../src/cli/probe/follow-delivery.ts';

const T0 = '2026-09-03T12:00:00.000Z';
const at = (time: string) => Date.parse(time) - Date.parse(T0);
const account = {
  rang: T0,
  door: 'folder' as const,
  kept: T0,
  to: 'portal' as const,
  sending: null,
  answered: null,
  answer: null,
};
const sent = { ...account, sending: '2026-09-03T12:00:00.010Z' };
const state = (delivery: Partial<DaemonState['delivery']>): Pick<DaemonState, 'delivery' | 'outbox' | 'otlp'> => ({
  otlp: null,
  delivery: { state: 'idle', why: null, nextTry: null, attempts: 0, delivered: 0, lastDelivery: null, ...delivery },
  outbox: { events: 3, bytes: 900, oldest: T0, rejected: 0, damage: null, removed: null },
});

test('nothing is said as long as it may still come', () => {
  expect(judgeDelivery(account, undefined, at)).toBeUndefined();
  expect(judgeDelivery(account, state({ state: 'sending' }), at)).toBeUndefined();
  expect(judgeDelivery(sent, undefined, at)).toBeUndefined();
});

test.each([
  ['accepted', 'passed', /noted/],
  ['kind-unknown', 'passed', /older/],
  ['device-foreign', 'failed', /device-foreign/],
])('an answer of %s has %s', (answer, status, detail) => {
  const judged = judgeDelivery({ ...sent, answered: '2026-09-03T12:00:00.030Z', answer }, undefined, at);
  expect(judged).toMatchObject({ request: { status: 'passed', at: 10 }, portal: { status, at: 30 } });
  expect(judged?.portal?.detail).toMatch(detail);
});

test.each([
  ['unset', account, 'request', 'token set'],
  ['unset', sent, 'request', 'token set'],
  ['held', account, 'request', 'diagnose'],
  ['waiting', sent, 'portal', 'diagnose'],
] as const)('delivery that is %s says where it stopped, why, and what to do', (is, known, hop, fix) => {
  const judged = judgeDelivery(known, state({ state: is, why: 'because of that' }), at);
  const stopped = hop === 'request' ? judged?.request : judged?.portal;
  expect(stopped).toMatchObject({ hop, status: 'failed', detail: expect.stringContaining('because of that') });
  expect(stopped?.fix).toContain(fix);
});

test('a probe on its way to OpenTelemetry is judged by that delivery, and not by the portal’s', () => {
  const there = { ...sent, to: 'otlp' as const };
  const unenrolled = state({ state: 'unset', why: 'no portal' });
  const otlp = { ...unenrolled.delivery, endpoint: 'http://otel.example', partlyRejected: 0 };
  expect(judgeDelivery(there, { ...unenrolled, otlp: { ...otlp, state: 'sending' } }, at)).toBeUndefined();
  const waiting = { ...otlp, state: 'waiting' as const, why: 'it does not answer' };
  const stopped = judgeDelivery(there, { ...unenrolled, otlp: waiting }, at)?.portal;
  expect(stopped).toMatchObject({ detail: 'it does not answer', fix: 'capsule-kiro diagnose --only otlp' });
  const answered = judgeDelivery({ ...there, answered: T0, answer: 'accepted' }, undefined, at);
  expect(answered?.portal).toMatchObject({ status: 'passed', detail: expect.stringContaining('kiro.probe') });
});
