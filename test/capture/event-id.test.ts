import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventId } from '../../src/capture/event-id.ts';
import { EVERY_TYPE, givenSession, line, RECORDED, readAll } from './given-session.ts';

describe('event ids', () => {
  test('are fixed for ever: the same fact has had this id since the first version', () => {
    const identity = { generation: 'ide-1.x', sessionId: 'sess_1', kind: 'agent.responded', key: 'say-1' } as const;
    expect(eventId(identity)).toBe('c973bd119625b272ac1043e0fd51ce3a');
  });

  test('differ whenever any part differs, however the parts are joined', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', ':'), maxLength: 4 });
    fc.assert(
      fc.property(part, part, part, part, (sessionId, key, otherSession, otherKey) => {
        const id = (session: string, of: string) =>
          eventId({ generation: 'ide-1.x', sessionId: session, kind: 'agent.responded', key: of });
        const same = sessionId === otherSession && key === otherKey;
        expect(id(sessionId, key) === id(otherSession, otherKey)).toBe(same);
      }),
    );
  });

  test('never collide over the fixtures, read as one session each', async () => {
    const ids: string[] = [];
    for (const place of [EVERY_TYPE, RECORDED]) {
      const { host } = givenSession();
      const folder = { id: path.basename(place), path: place, messages: path.join(place, 'messages.jsonl') };
      ids.push(...(await readAll({ host, folder })).events.map((event) => event.id));
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });

  test('are made of the content where Kiro gives no id, equal records counted', async () => {
    const record = {
      timestamp: '2026-09-01T10:00:00.000Z',
      payload: { type: 'assistant', content: 'Hi', operationType: 'Say' },
    };
    const bare = `${JSON.stringify(record)}\n`;
    const two = (await readAll(givenSession(bare + bare))).events;
    expect(new Set(two.map((event) => event.id)).size).toBe(3);
    // The bytes before them are no part of the id.
    const moved = (await readAll(givenSession(line('x', { type: 'system' }) + bare + bare))).events;
    expect(moved.slice(1).map((event) => event.id)).toEqual(two.slice(1).map((event) => event.id));
  });

  test('do not move when a session is read again from its beginning', async () => {
    const session = givenSession(readFileSync(path.join(EVERY_TYPE, 'messages.jsonl')));
    const once = await readAll(session);
    expect(await readAll(session)).toEqual(once);
  });
});
