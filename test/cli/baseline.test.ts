import { expect, test } from '@jest/globals';
import type { SessionSource } from '../../src/capture/session-source.ts';
import { fillOf, setBaseline } from '../../src/cli/baseline.ts';
import { open, outboxFile } from '../helpers/outboxes.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');

/** A store of Kiro CLI that holds these sessions. */
function givenStore(sessions: string[], isOn: () => boolean): SessionSource {
  return {
    store: 'cli-2',
    isOn,
    sweep: async function* () {},
    read: async () => undefined,
    finish: async () => undefined,
    async *baseline() {
      for (const sessionId of sessions) yield { sessionId, cursor: { size: sessions.length } };
    },
  };
}

test('sets each session aside once, and never fills in what was recorded while its store was off', async () => {
  const outbox = open(outboxFile());
  const state = { on: true };
  const sessions = ['first'];
  const sources = [givenStore(sessions, () => state.on)];
  await setBaseline(sources, outbox, NOW);
  sessions.push('second');
  await setBaseline(sources, outbox, NOW);
  expect(outbox.cursor('cli-2', 'first')).toEqual({ size: 1 });
  expect(outbox.cursor('cli-2', 'second')).toBeNull();
  expect(outbox.cursor(fillOf('cli-2', 'first').store, 'first')).toBeNull();
  state.on = false;
  await setBaseline(sources, outbox, NOW);
  sessions.push('hidden');
  state.on = true;
  await setBaseline(sources, outbox, NOW);
  for (const session of sessions) {
    expect(outbox.cursor('cli-2', session)).toEqual({ size: 3 });
    expect(outbox.cursor(fillOf('cli-2', session).store, session)).toMatchObject({ done: true });
  }
});
