import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type BackfillProgress, FILLED, isFilled, readBackfill } from '../../src/capture/backfill.ts';
import { baselineCursor } from '../../src/capture/session-cursor.ts';
import { source1x } from '../../src/capture/source-1x.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { EVERY_TYPE, type GivenSession, givenContext, givenSession, ofKind, readAll } from './given-session.ts';

const every = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'));
const ALWAYS = '2000-01-01T00:00:00.000Z';

async function fill(session: GivenSession, since: string, before: BackfillProgress | null = null) {
  const source = source1x(session.host, () => session.sessionsRoot);
  const live = await baselineCursor(session.folder);
  const events: CapsuleEvent[] = [];
  let progress = before;
  while (!isFilled({ live, progress }, since)) {
    const portion = await readBackfill(source, session.folder.id, { live, progress }, since, givenContext());
    events.push(...(portion.read?.events ?? []));
    progress = JSON.parse(JSON.stringify(portion.progress));
  }
  return { events, progress };
}

const idsOf = (events: readonly CapsuleEvent[]) => events.map(({ id }) => id);

describe('filling in a session from before us', () => {
  test('tells what would have been told then, with the same ids', async () => {
    const { events } = await fill(givenSession(every), ALWAYS);
    const live = (await readAll(givenSession(every))).events;
    expect(idsOf(events)).toEqual(idsOf(live));
    expect(events.slice(1)).toEqual(live.slice(1));
  });

  test('says of the start that what was configured then is not known', async () => {
    const { events } = await fill(givenSession(every), ALWAYS);
    const [start] = ofKind(events, 'session.started');
    expect(start?.time).toBe('2026-09-01T10:00:01.000Z');
    expect(start?.source.inferred).toEqual(expect.arrayContaining(['mcpServers', 'skills', 'trust']));
    expect(start?.body.changed).toBeUndefined();
  });

  test('and following it from now on tell every fact once between them', async () => {
    const cut = every.indexOf('{"id":"u-2"');
    const session = givenSession(every.subarray(0, cut));
    const live = await baselineCursor(session.folder);
    session.append(every.subarray(cut));
    const now = (await readAll(session, live)).events;
    const source = source1x(session.host, () => session.sessionsRoot);
    const { read } = await readBackfill(source, session.folder.id, { live, progress: null }, ALWAYS, givenContext());
    const whole = (await readAll(givenSession(every))).events;
    // The start is told by both, with one id.
    expect(new Set([...idsOf(read?.events ?? []), ...idsOf(now)])).toEqual(new Set(idsOf(whole)));
    expect((read?.events.length ?? 0) + now.length).toBe(whole.length + 1);
  });

  test('leaves out what happened before the day that was asked for', async () => {
    const { events } = await fill(givenSession(every), '2026-09-01T10:00:43.000Z');
    expect(events.map(({ kind, turn }) => [kind, turn?.index ?? null])).toEqual([
      ['session.started', null],
      ['prompt.submitted', 3],
      ['agent.responded', 3],
      ['agent.responded', 3],
      ['turn.ended', 3],
    ]);
    expect((await fill(givenSession(every), '2026-10-01T00:00:00.000Z')).events).toEqual([]);
  });

  test('is done once, and starts over for a longer span', async () => {
    const session = givenSession(every);
    const { progress } = await fill(session, '2026-09-01T10:00:43.000Z');
    const live = await baselineCursor(session.folder);
    expect(isFilled({ live, progress }, '2026-09-01T10:00:45.000Z')).toBe(true);
    expect(isFilled({ live, progress }, ALWAYS)).toBe(false);
    expect(idsOf((await fill(session, ALWAYS, progress)).events)).toEqual(
      idsOf((await readAll(givenSession(every))).events),
    );
  });

  test('has nothing to do for a session that came after us', async () => {
    const session = givenSession();
    const live = await baselineCursor(session.folder);
    session.append(every);
    const source = source1x(session.host, () => session.sessionsRoot);
    const { read, progress } = await readBackfill(
      source,
      session.folder.id,
      { live, progress: null },
      ALWAYS,
      givenContext(),
    );
    expect({ read, done: progress.done }).toEqual({ read: null, done: true });
    expect(isFilled({ live: null, progress: null }, ALWAYS)).toBe(true);
  });

  test('is never begun for one that was marked, however wide the span', async () => {
    const session = givenSession(every);
    const live = await baselineCursor(session.folder);
    expect(isFilled({ live, progress: FILLED }, ALWAYS)).toBe(true);
    expect(isFilled({ live, progress: FILLED }, '0000-01-01T00:00:00.000Z')).toBe(true);
    // It stood in the queue when it was marked.
    const source = source1x(session.host, () => session.sessionsRoot);
    const portion = await readBackfill(source, session.folder.id, { live, progress: FILLED }, ALWAYS, givenContext());
    expect(portion).toEqual({ read: null, progress: FILLED });
  });

  test('tries again later when the session’s metadata is being written', async () => {
    const session = givenSession(every, null);
    session.writeMeta('{"id":');
    const host = { ...session.host, now: () => new Date() };
    const source = source1x(host, () => session.sessionsRoot);
    const live = await baselineCursor(session.folder);
    const { progress } = await readBackfill(
      source,
      session.folder.id,
      { live, progress: null },
      ALWAYS,
      givenContext(),
    );
    expect(progress.done).toBe(false);
  });
});
