import { expect, test } from '@jest/globals';
import { captureGap, damageGap } from '../../src/cli/capture-gap.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import type { Loss } from '../../src/relay/losses.ts';
import { anEvent } from '../helpers/events.ts';

const { session, workspace } = anEvent(1);
const LOSS: Loss = {
  destinations: ['portal'],
  session,
  workspace,
  ids: [anEvent(1).id, anEvent(2).id],
  ordinal: 1,
  firstTime: anEvent(1).time,
  lastTime: anEvent(2).time,
  reason: 'outbox size limit',
};
const tell = (loss: Loss) =>
  captureGap(loss, { device: { id: 'device-1', os: 'linux', user: 'dev' }, level: 'redacted' });

test('a gap says how many were lost, from when to when, of which session, where and why', () => {
  expect(tell(LOSS)).toMatchObject({
    kind: 'capture.gap',
    session,
    workspace,
    source: { store: 'agent', record: null, ordinal: 1 },
    body: { count: 2, firstTime: LOSS.firstTime, lastTime: LOSS.lastTime, reason: 'outbox size limit' },
  });
});

test('the same loss is the same event, another loss another', () => {
  expect(tell(LOSS).id).toBe(tell({ ...LOSS }).id);
  expect(tell({ ...LOSS, ids: LOSS.ids.slice(1) }).id).not.toBe(tell(LOSS).id);
});

test('a gap is an event that a portal takes', () => {
  expect(checkEvent(tell(LOSS))).toEqual({ event: tell(LOSS) });
});

test('what a damaged outbox lost, nobody can count: null, and a portal takes it', () => {
  const gap = damageGap(new Date(LOSS.lastTime), {
    device: { id: 'device-1', os: 'linux', user: 'dev' },
    level: 'redacted',
  });
  expect(gap.body).toEqual({
    count: null,
    firstTime: LOSS.lastTime,
    lastTime: LOSS.lastTime,
    reason: 'outbox damaged',
  });
  expect(checkEvent(gap)).toEqual({ event: gap });
});
