import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { finishSession } from '../../src/capture/read-session.ts';
import { baselineCursor } from '../../src/capture/session-cursor.ts';
import type { ContentLevel } from '../../src/core/event.ts';
import { EMPTY_INVENTORY, EVERY_TYPE, givenContext, givenSession, line, ofKind, readAll } from './given-session.ts';

const every = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'));
const PROMPT = line('u1', { type: 'user', content: 'Hello' }, '2026-09-01T10:00:00.000Z');
const START = line('t1-start', { type: 'turn_start', executionId: 't1' }, '2026-09-01T10:00:01.000Z');
const ANSWER = line(
  'a1',
  { type: 'assistant', content: 'Hi', operationType: 'Say', executionId: 't1' },
  '2026-09-01T10:00:02.000Z',
);
const END = line('t1-end', { type: 'turn_end', executionId: 't1', stopReason: 'end_turn' }, '2026-09-01T10:00:03.000Z');
const kinds = (events: readonly { kind: string }[]) => events.map((event) => event.kind);

describe('the start of a session', () => {
  test('is told once, at the first record, with what is configured then', async () => {
    let looks = 0;
    const skill = { name: 'testing', scope: 'user' as const, description: null, sha256: 'x' };
    const inventory = async (roots: string[]) => {
      looks += 1;
      expect(roots).toEqual(['/home/dev/demo']);
      return { ...EMPTY_INVENTORY, skills: [skill] };
    };
    const context = givenContext({ inventory });
    const session = givenSession();
    const empty = await readAll(session, null, context);
    expect(empty.events).toEqual([]);
    session.append(PROMPT);
    const first = await readAll(session, empty.cursor, context);
    expect(first.events).toMatchObject([
      { kind: 'session.started', time: '2026-09-01T10:00:00.000Z', turn: null, body: { skills: [skill] } },
    ]);
    expect(first.events[0]?.source).toMatchObject({ ordinal: 0, record: null, inferred: [] });
    session.append(START + ANSWER);
    const second = await readAll(session, first.cursor, context);
    expect(kinds(second.events)).toEqual(['prompt.submitted', 'agent.responded']);
    expect(looks).toBe(1);
  });

  test('has the chat’s opening as its time when the first record is no prompt', async () => {
    const { events } = await readAll(givenSession(START + PROMPT));
    expect(events[0]).toMatchObject({ kind: 'session.started', time: '2026-09-01T09:59:59.000Z' });
  });
});

describe('a session from before us', () => {
  test('is read from its growth on, with its turn numbers right, and starts for us now', async () => {
    const cut = every.indexOf('{"id":"u-2"');
    const session = givenSession(every.subarray(0, cut));
    const cursor = await baselineCursor(session.folder);
    session.append(every.subarray(cut));
    const { events, unknown } = await readAll(session, cursor);
    const whole = (await readAll(givenSession(every))).events;
    expect(events.slice(1)).toEqual(whole.slice(whole.findIndex((event) => event.turn?.index === 2)));
    expect(events[0]).toMatchObject({
      kind: 'session.started',
      time: '2026-09-01T10:00:29.480Z',
      source: { inferred: ['time'] },
    });
    expect(events[0]?.id).toBe(whole[0]?.id);
    expect(unknown).toEqual({ future_payload: 1, 'assistant Summary': 1 });
  });

  test('tells a record that was half-written when we came', async () => {
    const session = givenSession(PROMPT + START + ANSWER.slice(0, 30));
    const cursor = await baselineCursor(session.folder);
    session.append(ANSWER.slice(30));
    expect(kinds((await readAll(session, cursor)).events)).toEqual(['session.started', 'agent.responded']);
  });

  test('stays untold when its file is replaced before it has grown', async () => {
    const session = givenSession(PROMPT + START);
    const { cursor } = await readAll(session, await baselineCursor(session.folder));
    writeFileSync(`${session.folder.messages}.new`, PROMPT + START + ANSWER);
    renameSync(`${session.folder.messages}.new`, session.folder.messages);
    const again = await readAll(session, { ...cursor, primed: false });
    expect(again).toMatchObject({ events: [], cursor: { primed: false } });
    session.append(END);
    expect(kinds((await readAll(session, again.cursor)).events)).toEqual(['session.started', 'turn.ended']);
  });

  test('is not told from its beginning when its file is replaced later', async () => {
    const session = givenSession(PROMPT + START);
    const { cursor } = await readAll(session, await baselineCursor(session.folder));
    session.append(ANSWER);
    const grown = await readAll(session, cursor);
    expect(kinds(grown.events)).toEqual(['session.started', 'agent.responded']);
    writeFileSync(`${session.folder.messages}.new`, PROMPT + START + ANSWER + END);
    renameSync(`${session.folder.messages}.new`, session.folder.messages);
    const again = await readAll(session, grown.cursor);
    expect(kinds(again.events)).toEqual(['agent.responded', 'turn.ended']);
    expect(again.events[0]?.id).toBe(grown.events[1]?.id);
  });
});

describe('what may leave', () => {
  const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
  const text = `${line('u1', { type: 'user', content: `Use ${SECRET}` })}${START}${ANSWER}`;
  const at = (level: ContentLevel, meta = {}) =>
    readAll(givenSession(text, meta), null, givenContext({ levelFor: () => level }));

  test('at full is everything', async () => {
    expect(JSON.stringify((await at('full')).events)).toContain(SECRET);
  });

  test('at redacted is everything but secrets', async () => {
    const { events } = await at('redacted', { title: `About ${SECRET}` });
    expect(JSON.stringify(events)).not.toContain(SECRET);
    const [prompt] = ofKind(events, 'prompt.submitted');
    expect(prompt?.body.text).toMatch(/^Use \[redacted:github-token:[0-9a-f]{8}\]$/);
    expect(prompt?.session.title).toMatch(/^About \[redacted:github-token:/);
    expect(prompt?.redactions.map(({ rule, field, count }) => [rule, field, count])).toEqual([
      ['github-token', '/session/title', 1],
      ['github-token', '/body/text', 1],
    ]);
  });

  test('at metadata is no text, only its length and hash', async () => {
    const { events } = await at('metadata');
    expect(JSON.stringify(events)).not.toMatch(/Use|"Hi"|A title/);
    const [prompt] = ofKind(events, 'prompt.submitted');
    expect(prompt?.body.text).toBeNull();
    expect(prompt?.truncated).toMatchObject([
      { field: '/session/title', bytes: 7 },
      { field: '/body/text', bytes: 36 },
    ]);
  });

  test('at off is nothing, and nothing is told later of what was passed over', async () => {
    const session = givenSession(text);
    const off = await readAll(session, null, givenContext({ levelFor: () => 'off' }));
    expect(off.events).toEqual([]);
    session.append(END);
    expect(kinds((await readAll(session, off.cursor)).events)).toEqual(['session.started', 'turn.ended']);
  });

  test('is what the strictest of several folders allows', async () => {
    const levelFor = (folder: string | null) => (folder === '/private' ? 'off' : 'full');
    const session = givenSession(text, { workspacePaths: ['/home/dev/demo', '/private'] });
    expect((await readAll(session, null, givenContext({ levelFor }))).events).toEqual([]);
  });
});

describe('while session.json cannot be read', () => {
  const NOW = new Date('2026-09-03T12:00:00.000Z');

  test('nothing is read, and the turn is taken to be open', async () => {
    const session = givenSession(PROMPT + START + ANSWER);
    session.writeMeta('{"id":"sess_');
    utimesSync(session.folder.messages, NOW, NOW);
    const read = await readAll(session);
    expect(read).toMatchObject({ events: [], openTurn: { id: null }, cursor: { offset: 0 } });
    session.writeMeta(JSON.stringify({ workspacePaths: [] }));
    expect(kinds((await readAll(session, read.cursor)).events)).toContain('agent.responded');
  });

  test('no text leaves when that lasts: the workspace may be an excluded one', async () => {
    const session = givenSession(PROMPT + START + ANSWER, null);
    const before = new Date(NOW.getTime() - 120_000);
    utimesSync(session.folder.messages, before, before);
    const { events } = await readAll(session, null, givenContext({ levelFor: () => 'full' }));
    expect(events).toHaveLength(3);
    for (const event of events) expect(event).toMatchObject({ source: { content: 'metadata' }, workspace: null });
    expect(JSON.stringify(events)).not.toMatch(/Hello|"Hi"/);
  });
});

describe('a prompt whose turn never starts', () => {
  test('is held, is open, and is told outside of any turn once waiting is given up', async () => {
    const session = givenSession(PROMPT);
    const read = await readAll(session);
    expect(kinds(read.events)).toEqual(['session.started']);
    expect(read.openTurn).toEqual({ id: null, since: '2026-09-01T10:00:00.000Z' });
    const finished = await finishSession(session.folder, read.cursor, givenContext());
    expect(finished?.events).toMatchObject([{ kind: 'prompt.submitted', turn: null, body: { text: 'Hello' } }]);
    expect(await finishSession(session.folder, finished?.cursor ?? null, givenContext())).toBeNull();
    session.append(START + ANSWER);
    expect(kinds((await readAll(session, finished?.cursor)).events)).toEqual(['agent.responded']);
  });
});

test('a byte order mark and empty lines are no malformed lines', async () => {
  const read = await readAll(givenSession(`\uFEFF${PROMPT}\n\r\n${START}`));
  expect(read.skippedLines).toBe(0);
  expect(kinds(read.events)).toEqual(['session.started', 'prompt.submitted']);
});

test('a session whose file is not there yet has nothing to tell', async () => {
  const session = givenSession();
  rmSync(session.folder.messages);
  expect(await readAll(session)).toMatchObject({ events: [], more: false, openTurn: null });
  writeFileSync(session.folder.messages, PROMPT);
  expect(kinds((await readAll(session)).events)).toEqual(['session.started']);
});
