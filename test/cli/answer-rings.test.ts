import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RECORD_LIMIT_MS, ringVerdict, turnFromRing } from '../../src/cli/answer-rings.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { parseRing, type Ring, unreadableRing } from '../../src/relay/ring.ts';
import { anyText } from '../helpers/any-text.ts';

const RANG = '2026-09-03T12:00:00.000Z';
const at = (ms: number) => new Date(Date.parse(RANG) + ms);
const ring = (given: Partial<Ring> = {}): Ring => ({
  name: '7-0.json',
  time: RANG,
  from: 'stdin',
  sessionId: 'sess_1',
  cwd: '/home/dev/demo',
  ...given,
});
const OF_0X = { from: 'env', sessionId: null } as const;

describe('a ring', () => {
  test.each<[string, Partial<Ring>, Parameters<typeof ringVerdict>[1], string]>([
    ['of a session that was read', {}, { now: at(0), sessionKnown: true, lastActivity: null }, 'answered'],
    ['of a session not read yet', {}, { now: at(0), sessionKnown: false, lastActivity: null }, 'wait'],
    [
      'of a session never found, just before its time is up',
      {},
      { now: at(RECORD_LIMIT_MS - 1), sessionKnown: false, lastActivity: null },
      'wait',
    ],
    [
      'of a session never found',
      {},
      { now: at(RECORD_LIMIT_MS), sessionKnown: false, lastActivity: null },
      'unanswered',
    ],
    [
      'of a folder where something was just captured',
      OF_0X,
      { now: at(5_000), sessionKnown: false, lastActivity: at(4_000).toISOString() },
      'answered',
    ],
    [
      'of a folder where the last was captured long before',
      OF_0X,
      { now: at(RECORD_LIMIT_MS), sessionKnown: false, lastActivity: at(-RECORD_LIMIT_MS - 1).toISOString() },
      'unanswered',
    ],
    ['of nothing at all', { ...OF_0X, cwd: null }, { now: at(1), sessionKnown: false, lastActivity: null }, 'wait'],
  ])('%s: %#', (_, given, surroundings, verdict) => {
    expect(ringVerdict(ring(given), surroundings)).toBe(verdict);
  });
});

describe('a turn of which there is only the ring', () => {
  const device = { id: 'device-1', os: 'linux', user: 'dev' } as const;
  const tell = (given: Partial<Ring> = {}) =>
    turnFromRing(ring(given), { device, kiroVersion: () => '1.0.411', level: 'redacted' });

  test('is told as ended, with nothing invented, and marked as the hook’s word', () => {
    expect(tell()).toMatchObject({
      kind: 'turn.ended',
      time: RANG,
      session: { id: 'sess_1', generation: 'ide-1.x', title: null },
      turn: null,
      workspace: { path: '/home/dev/demo', name: 'demo' },
      source: { store: 'hook', record: null, inferred: [] },
      body: { reason: 'unknown', durationMs: null, credits: null },
    });
  });

  test.each<[Partial<Ring>, string]>([
    [OF_0X, 'ide-0.x'],
    [{ from: 'unknown', sessionId: null, cwd: null }, 'unknown'],
  ])('of %j is of generation %s, and of a session that stands for its folder', (given, generation) => {
    const event = tell(given);
    expect(event.session).toMatchObject({ id: expect.stringMatching(/^hook-[0-9a-f]{16}$/), generation });
    expect(tell({ ...given, name: 'another' }).session).toEqual(event.session);
  });

  test('is the same event when told twice, and another for another ring', () => {
    expect(tell().id).toBe(tell().id);
    const others = [tell(), tell({ name: '8-0.json' }), tell({ time: at(1).toISOString() }), tell({ sessionId: 's2' })];
    expect(new Set(others.map(({ id }) => id)).size).toBe(4);
  });

  test('is one that a portal takes, whatever was written into the rings folder', () => {
    const text = fc.oneof(anyText(), fc.constant('x'.repeat(5_000)), fc.constant('/'));
    const place = fc.oneof(
      text,
      text.map((name) => `/home/dev/${name}`),
    );
    const payload = fc.record({ session_id: text, cwd: place }, { requiredKeys: [] });
    const written = fc.record({ from: fc.constantFrom('env', 'stdin'), cwd: place, payload }, { requiredKeys: [] });
    fc.assert(
      fc.property(written, (given) => {
        const parsed = parseRing('7-0.json', JSON.stringify(given), RANG);
        const event = tell(parsed);
        expect(checkEvent(event)).toEqual({ event });
      }),
    );
    const bare = tell(unreadableRing('7-0.json', RANG));
    expect(checkEvent(bare)).toEqual({ event: bare });
  });
});
