import { utimesSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BackfillProgress, isFilled, readBackfill } from '../../src/capture/backfill.ts';
import type { Cursor } from '../../src/capture/session-source.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { CHANGED, eventsOf, flat, type GivenCli, givenCli, ID, LATER, value } from './given-cli.ts';
import { givenContext, ofKind } from './given-session.ts';

const ALWAYS = '2000-01-01T00:00:00.000Z';
const NAMES = ['rewind', 'tool-call', 'finished', 'thinking'];
const LOGS = NAMES.map((name) => ({ log: flat(`${name}.jsonl`), meta: flat(`${name}.json`) }));
const [{ log, meta } = { log: '', meta: '' }] = LOGS;
const CONVERSATION = JSON.parse(value('tool-calls.json')) as { history: object[] };
const until = (entries: number) => JSON.stringify({ ...CONVERSATION, history: CONVERSATION.history.slice(0, entries) });

async function baseline(cli: GivenCli): Promise<void> {
  for await (const { sessionId, cursor } of cli.source.baseline()) cli.cursors.set(sessionId, structuredClone(cursor));
}

const stored = <T>(it: T): T => JSON.parse(JSON.stringify(it)) as T;

/** As the daemon does: portion after portion until there is nothing left, or nothing to be had now. */
async function fill(cli: GivenCli, since: string, before: BackfillProgress | null = null, id = ID) {
  const events: CapsuleEvent[] = [];
  let progress = before;
  for (let more = true; more; ) {
    const live = (cli.cursors.get(id) ?? null) as Cursor;
    if (isFilled({ live, progress }, since)) break;
    const portion = await readBackfill(cli.source, id, { live, progress }, since, givenContext());
    events.push(...(portion.read?.events ?? []));
    progress = stored(portion.progress);
    more = portion.read?.more ?? false;
  }
  return { events, progress };
}

const ids = (events: readonly CapsuleEvent[]) => events.map(({ id }) => id).toSorted();
const withoutStart = (events: readonly CapsuleEvent[]) =>
  events
    .filter(({ kind }) => kind !== 'session.started')
    .toSorted((a, b) => a.source.ordinal - b.source.ordinal || (a.id < b.id ? -1 : 1));

async function whole(write: (cli: GivenCli) => void): Promise<CapsuleEvent[]> {
  const cli = givenCli();
  write(cli);
  cli.setTime(LATER);
  return eventsOf(await cli.sweep());
}

describe('filling in a flat session from before us', () => {
  test('tells what would have been told then, with the same ids, and says that what was configured is not known', async () => {
    const cli = givenCli();
    cli.write('.json', meta);
    cli.write('.jsonl', log);
    cli.setTime(LATER);
    await baseline(cli);
    const { events, progress } = await fill(cli, ALWAYS);
    const expected = await whole((other) => {
      other.write('.json', meta);
      other.write('.jsonl', log);
    });
    expect(events.slice(1)).toEqual(expected.slice(1));
    const [start] = ofKind(events, 'session.started');
    expect(start?.id).toBe(expected[0]?.id);
    expect(start?.source.inferred).toEqual(expect.arrayContaining(['mcpServers', 'trust']));
    expect(progress?.done).toBe(true);
    expect(await cli.sweep()).toEqual([]);
  });

  test('and following it from now on tell every fact once between them, wherever we came in', async () => {
    const lines = (text: string) => text.split(/(?<=\n)/);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LOGS), fc.nat(40), fc.boolean(), async (session, cut, fillFirst) => {
        const at = cut % lines(session.log).length;
        const cli = givenCli();
        cli.write('.json', session.meta);
        cli.write('.jsonl', lines(session.log).slice(0, at).join(''));
        await baseline(cli);
        cli.append(lines(session.log).slice(at).join(''));
        cli.setTime(LATER);
        const first = fillFirst ? (await fill(cli, ALWAYS)).events : [];
        const live = eventsOf(await cli.sweep());
        const filled = fillFirst ? first : (await fill(cli, ALWAYS)).events;
        const expected = await whole((other) => {
          other.write('.json', session.meta);
          other.write('.jsonl', session.log);
        });
        expect(withoutStart([...filled, ...live])).toEqual(withoutStart(expected));
      }),
      fuzzRuns(16),
    );
  });

  test('leaves out what happened before the day that was asked for', async () => {
    const cli = givenCli();
    cli.write('.json', meta);
    cli.write('.jsonl', log);
    await baseline(cli);
    const all = withoutStart((await fill(cli, ALWAYS)).events);
    const since = all[Math.floor(all.length / 2)]?.time ?? '';
    const late = (await fill(cli, since)).events;
    expect(withoutStart(late)).toEqual(all.filter(({ time }) => time >= since));
    expect(ofKind(late, 'session.started')[0]?.time).toBe(since);
    expect((await fill(cli, '2099-01-01T00:00:00.000Z')).events).toEqual([]);
  });

  test('leaves a turn that still runs to those who follow it, and ends one that nobody finishes', async () => {
    const cli = givenCli();
    const [first = '', second = ''] = log.split(/(?<=\n)/);
    cli.write('.json', meta.replace(/"user_turn_metadatas":\s*\[/, '"other":['));
    cli.write('.jsonl', first + second);
    cli.write('.lock', String(process.pid));
    await baseline(cli);
    cli.setTime(LATER);
    const open = await fill(cli, ALWAYS);
    expect(ofKind(open.events, 'turn.ended')).toEqual([]);
    cli.remove('.lock');
    const closed = await fill(cli, ALWAYS);
    expect(ofKind(closed.events, 'turn.ended').map(({ body }) => body.reason)).toEqual(['unknown']);
  });

  test('tries again when its metadata are being written, and is done when it is gone', async () => {
    const cli = givenCli();
    cli.write('.json', '{"cwd":');
    cli.write('.jsonl', log);
    await baseline(cli);
    const torn = await fill(cli, ALWAYS);
    expect(torn).toMatchObject({ events: [], progress: { done: false } });
    cli.write('.json', meta);
    expect((await fill(cli, ALWAYS, torn.progress)).events.length).toBeGreaterThan(3);
    cli.remove('.jsonl');
    expect(await fill(cli, ALWAYS)).toMatchObject({ events: [], progress: { done: true } });
  });

  test('has nothing to do for a session that came after us, or was empty', async () => {
    const cli = givenCli();
    cli.write('.jsonl', '');
    await baseline(cli);
    cli.write('.json', meta);
    cli.append(log);
    expect(await fill(cli, ALWAYS)).toMatchObject({ events: [], progress: { done: true } });
  });
});

describe('filling in a conversation of the database', () => {
  const end = (entries: number) => {
    const sent = CONVERSATION.history[entries - 1] as { request_metadata?: { stream_end_timestamp_ms?: number } };
    return sent.request_metadata?.stream_end_timestamp_ms ?? 0;
  };

  test.each([1, 2, 3])('and following it tell every fact once, in order, when %i entries were there', async (there) => {
    const expected = withoutStart(await whole((cli) => cli.put(ID, until(3), end(3))));
    for (const fillFirst of [true, false]) {
      const cli = givenCli();
      cli.put(ID, until(there), end(there));
      await baseline(cli);
      // A moment later, so that nothing is given up that still runs.
      cli.setTime(new Date(end(there) + 1000));
      const early = fillFirst ? (await fill(cli, ALWAYS)).events : [];
      if (there < 3) cli.put(ID, until(3), end(3));
      cli.setTime(LATER);
      const live = eventsOf(await cli.sweep());
      const filled = fillFirst ? early : (await fill(cli, ALWAYS)).events;
      expect(withoutStart([...filled, ...live]).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
  });

  test('tries again when the database is locked', async () => {
    const cli = givenCli();
    cli.put(ID, until(3), end(3));
    await baseline(cli);
    const other = new DatabaseSync(cli.database);
    other.exec('BEGIN EXCLUSIVE');
    const locked = await fill(cli, ALWAYS);
    other.exec('ROLLBACK');
    other.close();
    expect(locked).toMatchObject({ events: [], progress: { done: false } });
    expect((await fill(cli, ALWAYS, locked.progress)).events.length).toBeGreaterThan(3);
  });

  test('that was copied into a flat log too tells each answer once', async () => {
    const cli = givenCli();
    cli.write('.json', meta);
    cli.write('.jsonl', log);
    cli.put(ID, until(3), end(3));
    utimesSync(cli.log, CHANGED, CHANGED);
    await baseline(cli);
    cli.setTime(LATER);
    const { events, progress } = await fill(cli, ALWAYS);
    expect(new Set(ids(events)).size).toBe(events.length);
    expect(ofKind(events, 'session.started')).toHaveLength(1);
    expect(events.some(({ body }) => 'callId' in body && body.callId === 'tooluse_AAAA0001')).toBe(true);
    expect(progress?.done).toBe(true);
  });
});
