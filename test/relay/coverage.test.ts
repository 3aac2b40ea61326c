import { describe, expect, test } from '@jest/globals';
import type { Ring } from '../../src/relay/ring.ts';
import { anEvent } from '../helpers/events.ts';
import { clock, gap, later, open, outboxFile, reopen } from '../helpers/outboxes.ts';

const body = {
  reason: 'end_turn',
  durationMs: null,
  credits: null,
  contextUsage: null,
  counts: { prompts: 1, responses: 1, reasonings: 0, tools: 0, toolFailures: 0 },
};
const turnEnd = (n: number, given = {}) => anEvent(n, { kind: 'turn.ended', body, ...given });
const ring = (cwd: string | null): Ring => ({
  name: `r-${cwd}`,
  time: '2026-09-03T12:00:00.000Z',
  from: 'stdin',
  sessionId: null,
  cwd,
});
const DAY_MS = 86_400_000;

describe('coverage', () => {
  test('counts each recorded turn once when it is taken in and once when the portal has it', () => {
    const file = outboxFile();
    const outbox = open(file);
    outbox.commit({ events: [turnEnd(1), turnEnd(2), anEvent(3)] });
    outbox.commit({ events: [turnEnd(1)] });
    outbox.acknowledge([turnEnd(1).id, anEvent(3).id, 'unknown']);
    const expected = [{ day: '2026-09-03', workspace: '/home/dev/demo', seen: 2, rings: 0, delivered: 1 }];
    expect(outbox.coverage('2026-09-01')).toEqual(expected);
    expect(reopen(file).coverage('2026-09-01')).toEqual(expected);
  });

  test('does not count a turn that only a ring stands for, nor one that was refused', () => {
    const outbox = open(outboxFile());
    const source = { ...turnEnd(1).source, store: 'hook' as const };
    outbox.commit({ events: [turnEnd(1, { source }), turnEnd(2)] });
    outbox.acknowledge([turnEnd(1).id]);
    outbox.reject([{ id: turnEnd(2).id, code: 'event-invalid', message: 'no' }]);
    expect(outbox.coverage('2026-09-01')).toMatchObject([{ seen: 1, delivered: 0 }]);
  });

  test('puts rings beside the turns of their folder, whatever slash its path ends in', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: [turnEnd(1)] });
    for (const cwd of ['/home/dev/demo/', '/home/dev/demo', null]) outbox.countRing(ring(cwd));
    expect(outbox.coverage('2026-09-03')).toEqual([
      { day: '2026-09-03', workspace: null, seen: 0, rings: 1, delivered: 0 },
      { day: '2026-09-03', workspace: '/home/dev/demo', seen: 1, rings: 2, delivered: 0 },
    ]);
  });

  test('has a row for each day, the latest first, and forgets what is older than a quarter', () => {
    clock.wall = Date.UTC(2026, 8, 3, 12);
    const outbox = open(outboxFile());
    outbox.commit({ events: [turnEnd(1), turnEnd(2, { time: '2026-09-02T23:59:59.999Z' })] });
    expect(outbox.coverage('2026-09-01').map(({ day }) => day)).toEqual(['2026-09-03', '2026-09-02']);
    expect(outbox.coverage('2026-09-03')).toHaveLength(1);
    later(91 * DAY_MS);
    outbox.bound({ maxBytes: 1e9, maxAgeMs: 1e12 }, gap);
    expect(outbox.coverage('2026-09-01')).toEqual([]);
  });
});
