import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRing } from '../../src/relay/ring.ts';
import { removeRing, waitingRings } from '../../src/relay/rings-folder.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const TIME = NOW.toISOString();

describe('a ring', () => {
  test('from Kiro 1.x names its session and folder', () => {
    const text = '{"session_id":"sess_1","hook_event_name":"Stop","cwd":"/home/dev/demo"}';
    expect(parseRing('7-0.json', text, TIME)).toEqual({
      name: '7-0.json',
      time: TIME,
      from: 'stdin',
      sessionId: 'sess_1',
      cwd: '/home/dev/demo',
    });
  });

  test('from an older dispatcher, which put what Kiro 1.x wrote into a payload, is the same ring', () => {
    const own = '{"session_id":"sess_1","cwd":"/home/dev/demo"}';
    expect(parseRing('x', `{"from":"stdin","payload":${own}}\n`, TIME)).toEqual(parseRing('x', own, TIME));
  });

  test('from Kiro 0.x names only the folder its hook ran in', () => {
    expect(parseRing('7-0.json', '{"from":"env","cwd":"/home/dev/demo","payload":{}}', TIME)).toMatchObject({
      from: 'env',
      sessionId: null,
      cwd: '/home/dev/demo',
    });
  });

  test('with fields of a wrong type is still a ring', () => {
    const text = '{"from":"stdin","cwd":7,"payload":{"session_id":{"a":1},"cwd":[]}}';
    expect(parseRing('x', text, TIME)).toMatchObject({ sessionId: null, cwd: null });
    expect(parseRing('x', '{"payload":"text"}', TIME)).toMatchObject({ sessionId: null });
  });

  test('that is still being written is not one yet: no proper part of it parses', () => {
    const text = '{"from":"stdin","payload":{"session_id":"sess_1","cwd":"/home/dev/demo"}}';
    for (let end = 0; end < text.length; end++) expect(parseRing('x', text.slice(0, end), TIME)).toBeUndefined();
  });

  test('of any content never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseRing('x', text, TIME)));
  });
});

describe('the rings folder', () => {
  const all = (folder: string) => [...waitingRings(folder, NOW)].flat();
  const write = (folder: string, name: string, text: string, ageMs: number) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    utimesSync(file, NOW, new Date(NOW.getTime() - ageMs));
  };

  test('gives rings oldest first', () => {
    const folder = tempFolder();
    write(folder, '1-0.json', '{"payload":{"session_id":"new"}}', 1_000);
    write(folder, '2-0.json', '{"payload":{"session_id":"old"}}', 5_000);
    expect(all(folder).map(({ sessionId }) => sessionId)).toEqual(['old', 'new']);
  });

  test('leaves a half-written file alone, and takes it as a bare hint after a minute', () => {
    const folder = tempFolder();
    write(folder, '1-0.json', '{"payload":', 59_000);
    expect(all(folder)).toEqual([]);
    write(folder, '1-0.json', '{"payload":', 61_000);
    expect(all(folder)).toEqual([{ name: '1-0.json', time: TIME, from: 'unknown', sessionId: null, cwd: null }]);
  });

  test('opens neither links nor folders, nor a pipe, which would make it wait for ever', () => {
    const folder = tempFolder();
    const outside = path.join(tempFolder(), 'secret.json');
    writeFileSync(outside, '{"payload":{"session_id":"outside"}}');
    symlinkSync(outside, path.join(folder, 'link.json'));
    mkdirSync(path.join(folder, 'folder.json'));
    execFileSync('mkfifo', [path.join(folder, 'pipe.json')]);
    expect(all(folder)).toEqual([]);
  });

  test('does not read a file larger than a dispatcher writes', () => {
    const folder = tempFolder();
    write(folder, '1-0.json', JSON.stringify({ payload: { session_id: 'x' }, more: 'a'.repeat(400_000) }), 0);
    expect(all(folder)).toMatchObject([{ from: 'unknown', sessionId: null }]);
  });

  test('that does not exist holds nothing', () => {
    expect(all(path.join(tempFolder(), 'none'))).toEqual([]);
  });

  test('loses only the ring that is removed, whatever its name', () => {
    const folder = tempFolder();
    write(folder, '1-0.json', '{}', 0);
    write(folder, '2-0.json', '{}', 0);
    removeRing(folder, '../1-0.json');
    expect(readdirSync(folder)).toEqual(['2-0.json']);
  });
});
