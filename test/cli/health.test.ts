import { expect, test } from '@jest/globals';
import type { DaemonState } from '../../src/cli/daemon-state.ts';
import { troubles } from '../../src/cli/health.ts';
import { aState } from '../helpers/daemon-state.ts';

const { outbox, delivery, capture, workspaces } = aState();
const otlp = { ...delivery, endpoint: 'https://otel.example', partlyRejected: 0 };
const depth = { events: 0, bytes: 0, oldest: null, rejected: 0 };

test('a healthy daemon has no troubles', () => {
  expect(troubles(aState())).toEqual([]);
});

test.each<[string, Partial<DaemonState>, string]>([
  ['not-enrolled', { enrolment: { state: 'none', why: null } }, 'kept on this machine only'],
  ['enrolment-pending', { enrolment: { state: 'pending', why: null } }, 'has not enrolled yet'],
  ['enrolment-pending', { enrolment: { state: 'pending', why: 'the code was used' } }, 'yet: the code was used'],
  ['delivery-held', { delivery: { ...delivery, state: 'held', why: 'expired' } }, 'expired; they are kept here'],
  ['delivery-held', { delivery: { ...delivery, state: 'held' } }, 'unknown reason'],
  ['portal-unreachable', { delivery: { ...delivery, state: 'waiting', why: 'ENOTFOUND' } }, 'ENOTFOUND'],
  ['events-rejected', { outbox: { ...outbox, rejected: 2 } }, '2 events were refused'],
  ['otlp-held', { otlp: { ...otlp, state: 'held', why: 'a file is open' } }, 'a file is open; events are kept here'],
  ['otlp-unreachable', { otlp: { ...otlp, state: 'waiting', why: 'ECONNREFUSED' } }, 'ECONNREFUSED'],
  ['otlp-refused', { otlp: { ...otlp, partlyRejected: 1 } }, '1 event was refused'],
  [
    'otlp-refused',
    { otlp, outbox: { ...outbox, rejected: 2 }, depths: { portal: depth, otlp: { ...depth, rejected: 2 } } },
    '2 events were refused by the OpenTelemetry endpoint',
  ],
  ['capture-failed', { capture: { ...capture, problems: ['EACCES: a', 'EACCES: b'].slice(0, 1) } }, 'EACCES: a'],
  ['no-watches-left', { unwatched: ['/home/dev/.kiro'] }, 'for 1 folder'],
  ['disk-full', { lacks: 'disk' }, 'nothing new can be kept'],
  ['no-files-left', { lacks: 'files' }, 'noticed late'],
  [
    'workspace-not-attached',
    { workspaces: { ...workspaces, notAttached: [{ path: '/w/.kiro', reason: 'a link' }] } },
    'the first: /w/.kiro (a link)',
  ],
])('%s is told with what to do: %j', (code, given, message) => {
  expect(troubles(aState(given))).toEqual([
    { code, message: expect.stringContaining(message), fix: expect.stringMatching(/./) },
  ]);
});

test('that there is no portal is none where events go to OpenTelemetry', () => {
  const none = { enrolment: { state: 'none' as const, why: null }, otlp };
  expect(troubles(aState({ ...none, destinations: ['otlp'] }))).toEqual([]);
  expect(troubles(aState({ ...none, destinations: ['portal', 'otlp'] }))).toMatchObject([{ code: 'not-enrolled' }]);
});

test('several are told with the worst first', () => {
  const state = aState({
    enrolment: { state: 'none', why: null },
    capture: { ...capture, problems: ['one', 'two'] },
    outbox: { ...outbox, rejected: 1 },
  });
  expect(troubles(state).map(({ code }) => code)).toEqual([
    'not-enrolled',
    'events-rejected',
    'capture-failed',
    'capture-failed',
  ]);
});
