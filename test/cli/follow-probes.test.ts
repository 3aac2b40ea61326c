import { expect, test } from '@jest/globals';
import { followProbes } from '../../src/cli/follow-probes.ts';
import { anEvent } from '../helpers/events.ts';
import { later, now, open, outboxFile } from '../helpers/outboxes.ts';

const id = (n: number) => n.toString(16).padStart(32, '0');
const ring = { name: '1', time: '2026-09-03T12:00:00.000Z', from: 'stdin' as const, sessionId: null, cwd: null };

function given() {
  const outbox = open(outboxFile());
  let added = 0;
  const probes = followProbes({
    now,
    outbox,
    device: () => ({ id: 'device-1', os: 'linux', user: 'dev' }),
    added: () => {
      added += 1;
    },
  });
  return { outbox, probes, watched: probes.watching(outbox), added: () => added };
}

test('each step of a probe is noted when it is reached, among events that are none of its business', () => {
  const { outbox, probes, watched } = given();
  outbox.commit({ events: [anEvent(9)] });
  probes.take(id(1), ring, 'folder');
  const rang = now().toISOString();
  expect(probes.account(id(1))).toEqual({
    rang,
    door: 'folder',
    kept: rang,
    to: 'portal',
    sending: null,
    answered: null,
    answer: null,
  });
  later(10);
  watched.next(10, 1e6);
  const sending = now().toISOString();
  later(10);
  watched.next(10, 1e6);
  watched.acknowledge([anEvent(9).id, id(1)]);
  expect(probes.account(id(1))).toMatchObject({ sending, answered: now().toISOString(), answer: 'accepted' });
  expect(outbox.counts().events).toBe(0);
});

test('a refusal is an answer, too', () => {
  const { probes, watched } = given();
  probes.take(id(1), ring, 'socket');
  watched.reject([{ id: id(1), code: 'kind-unknown', message: '' }]);
  expect(probes.account(id(1))).toMatchObject({ door: 'socket', answer: 'kind-unknown' });
});

test('anybody may ring, but ten probes a minute are heeded, each once', () => {
  const { outbox, probes, added } = given();
  for (let n = 1; n <= 30; n++) for (const door of ['folder', 'socket'] as const) probes.take(id(n), ring, door);
  expect([outbox.counts().events, added()]).toEqual([10, 10]);
  later(61_000);
  probes.take(id(40), ring, 'folder');
  expect(outbox.counts().events).toBe(11);
});
