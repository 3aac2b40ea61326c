import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EVERY_TYPE, givenSession, ofKind, readAll, variant } from './given-session.ts';

const kinds = (events: readonly { kind: string }[]) => events.map((event) => event.kind);
const meta = JSON.parse(readFileSync(path.join(EVERY_TYPE, 'session.json'), 'utf8')) as object;

describe('what Kiro’s builds and moments differ in', () => {
  test('at the stop hook the turn is open, and what comes after it is read from there', async () => {
    const whole = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'));
    const atStop = variant('at-agent-stop');
    const session = givenSession(atStop, meta);
    const before = await readAll(session);
    expect(before.openTurn).toEqual({ id: '44444444-0000-4000-8000-000000000001', since: '2026-09-01T10:00:01.020Z' });
    expect(kinds(before.events)).not.toContain('turn.ended');
    session.append(whole.subarray(atStop.length));
    const after = await readAll(session, before.cursor);
    expect(kinds(after.events)[0]).toBe('turn.ended');
    expect([...before.events, ...after.events]).toEqual((await readAll(givenSession(whole, meta))).events);
  });

  test('a torn last line waits for its rest', async () => {
    const torn = variant('partial-last-line');
    const session = givenSession(torn, meta);
    const read = await readAll(session);
    expect(read.skippedLines).toBe(0);
    expect(read.cursor.offset).toBe(torn.lastIndexOf('\n') + 1);
    expect(kinds(read.events)).not.toContain('turn.ended');
  });

  test('CRLF makes no difference but to the places', async () => {
    const bare = (data: Buffer) =>
      readAll(givenSession(data, meta)).then(({ events }) =>
        events.map(({ source, ...event }) => ({ ...event, source: source.record })),
      );
    const crlf = variant('crlf');
    expect(await bare(crlf)).toEqual(await bare(Buffer.from(crlf.toString('utf8').replaceAll('\r\n', '\n'))));
  });

  test('a malformed line is skipped and counted, and costs nothing else', async () => {
    const { events, skippedLines, openTurn } = await readAll(givenSession(variant('malformed-middle')));
    expect(skippedLines).toBe(1);
    expect(kinds(events)).toEqual(['session.started', 'prompt.submitted']);
    expect(openTurn?.id).toBe('44444444-0000-4000-8000-000000000001');
  });

  test('a turn that Kiro ends when it next loads the session is the old turn, and of unknown length', async () => {
    const [prompt = '', start = '', end = ''] = variant('cold-load-repair')
      .toString('utf8')
      .split(/(?<=\n)/);
    const session = givenSession(prompt + start);
    const before = await readAll(session);
    session.append(end);
    const { events } = await readAll(session, before.cursor);
    expect(events).toMatchObject([
      {
        kind: 'turn.ended',
        turn: { index: 1 },
        body: { reason: 'cancelled', durationMs: null, counts: { prompts: 1 } },
      },
    ]);
  });

  test('reasoning that a build writes in plain text is told', async () => {
    const { events } = await readAll(givenSession(variant('plaintext-reasoning')));
    expect(ofKind(events, 'agent.reasoned').map(({ body }) => body)).toEqual([
      { text: 'The router lives in server.ts.', withheld: false },
    ]);
  });

  test('a session_start that is not forced is the prompt when there is no other', async () => {
    const { events } = await readAll(givenSession(variant('session-start-is-prompt')));
    expect(kinds(events)).toEqual(['session.started', 'prompt.submitted', 'agent.responded', 'turn.ended']);
    expect(ofKind(events, 'prompt.submitted')[0]?.body.text).toBe('Add a health endpoint');
  });

  test('a prompt inside its turn belongs to it, and a forced session_start is never told', async () => {
    const { events } = await readAll(givenSession(variant('user-after-turn-start')));
    expect(kinds(events)).toEqual(['session.started', 'prompt.submitted', 'agent.responded', 'turn.ended']);
    expect(ofKind(events, 'prompt.submitted')[0]).toMatchObject({ turn: { index: 1 }, body: { text: 'Hello' } });
    expect(ofKind(events, 'turn.ended')[0]?.body).toMatchObject({ credits: 0.01, contextUsage: null });
    expect(JSON.stringify(events)).not.toContain('system prompt');
  });

  test('an exit code of -1 says nothing', async () => {
    const { events } = await readAll(givenSession(variant('windows-exit-code')));
    expect(ofKind(events, 'tool.invoked')[0]?.body).toMatchObject({
      success: true,
      exitCode: null,
      startedAt: null,
      durationMs: null,
    });
  });
});
