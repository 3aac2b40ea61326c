import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import { sweep } from '../../src/capture/sweep.ts';
import type { Host } from '../../src/core/host.ts';
import { tempHost } from '../helpers/temp-home.ts';
import { DOT_KIRO, givenContext, line } from './given-session.ts';

const PROMPT = line('u1', { type: 'user', content: 'Hello' });
const META = JSON.stringify({ workspacePaths: [] });

function givenSessions(ids: string[]) {
  const warned: unknown[] = [];
  const log = { info() {}, error() {}, warn: (message: string, fields?: object) => warned.push([message, fields]) };
  const host = tempHost({ log });
  const root = path.join(host.home, 'sessions');
  for (const id of ids) {
    mkdirSync(path.join(root, 'bucket', id), { recursive: true });
    writeFileSync(path.join(root, 'bucket', id, 'messages.jsonl'), PROMPT);
    writeFileSync(path.join(root, 'bucket', id, 'session.json'), META);
  }
  return { host, root, warned };
}

async function sweepAll(host: Host, root: string, cursors: Map<string, SessionCursor>, hint = {}) {
  const steps: string[] = [];
  const kinds: string[] = [];
  const store = { get: (id: string) => cursors.get(id) ?? null };
  for await (const { sessionId, read } of sweep(host, root, store, givenContext(), hint)) {
    cursors.set(sessionId, read.cursor);
    steps.push(sessionId);
    kinds.push(...read.events.map((event) => event.kind));
  }
  return { steps, kinds };
}

describe('a sweep', () => {
  test('reads what has grown and passes over what has not', async () => {
    const { host, root } = givenSessions(['a', 'b']);
    const cursors = new Map<string, SessionCursor>();
    expect((await sweepAll(host, root, cursors)).steps).toEqual(['a', 'b']);
    expect((await sweepAll(host, root, cursors)).steps).toEqual([]);
    writeFileSync(path.join(root, 'bucket', 'b', 'messages.jsonl'), PROMPT + PROMPT.replace('u1', 'u2'));
    expect((await sweepAll(host, root, cursors)).steps).toEqual(['b']);
  });

  test('reads the hinted session first', async () => {
    const { host, root } = givenSessions(['a', 'b', 'c']);
    expect((await sweepAll(host, root, new Map(), { sessionId: 'c' })).steps).toEqual(['c', 'a', 'b']);
  });

  test('goes on in steps until a large session is read', async () => {
    const { host, root } = givenSessions(['a']);
    const filler = line('s', { type: 'system', content: 'x'.repeat(100_000) });
    writeFileSync(path.join(root, 'bucket', 'a', 'messages.jsonl'), PROMPT + filler.repeat(8));
    const cursors = new Map<string, SessionCursor>();
    expect((await sweepAll(host, root, cursors)).steps).toEqual(['a', 'a']);
    expect(cursors.get('a')?.offset).toBe(readFileSync(path.join(root, 'bucket', 'a', 'messages.jsonl')).length);
  });

  test('passes over a session that the system refuses, says so, and reads the others', async () => {
    const { host, root, warned } = givenSessions(['a', 'b']);
    const file = path.join(root, 'bucket', 'a', 'messages.jsonl');
    chmodSync(file, 0o000);
    writeFileSync(path.join(root, 'elsewhere'), PROMPT);
    mkdirSync(path.join(root, 'bucket', 'link'));
    symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'bucket', 'link', 'messages.jsonl'));
    const { steps } = await sweepAll(host, root, new Map());
    expect(steps).toContain('b');
    expect(steps).not.toContain('link');
    expect(warned).toContainEqual(['a session cannot be read', { session: 'link', code: 'ELOOP' }]);
  });

  // Nothing is refused to root.
  (process.getuid?.() === 0 ? test.skip : test)(
    'reads all others when the system refuses a bucket, and then says so',
    async () => {
      const { host, root } = givenSessions(['a']);
      const closed = path.join(root, 'a-bucket');
      mkdirSync(closed, { mode: 0o000 });
      const cursors = new Map<string, SessionCursor>();
      await expect(sweepAll(host, root, cursors)).rejects.toThrow('EACCES');
      expect([...cursors.keys()]).toEqual(['a']);
      chmodSync(closed, 0o700);
    },
  );

  test('finds sessions in every bucket, whatever their ids, and none in the flat CLI store', async () => {
    const { steps } = await sweepAll(tempHost(), path.join(DOT_KIRO, 'sessions'), new Map());
    expect(steps.toSorted()).toEqual([
      'sess_33333333-3333-4333-8333-333333333333',
      'sess_77777777-7777-4777-8777-777777777777',
    ]);
  });

  test('of nothing is nothing', async () => {
    expect((await sweepAll(tempHost(), '/nowhere', new Map())).steps).toEqual([]);
  });
});
