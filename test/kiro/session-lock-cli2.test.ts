import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdsLock, isOpen, parseLock } from '../../src/kiro/session-lock-cli2.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 8, 3);

describe('the process that a lock names', () => {
  test.each([
    ['42', 42],
    [' 42\n', 42],
    ['{"pid": 42, "host": "here"}', 42],
    ['{"pid": "42"}', null],
    ['{}', null],
    ['-1', null],
    ['0', null],
    ['4.2', null],
    ['99999999999', null],
    ['', null],
    ['kiro', null],
  ])('of %j is %j', (text, pid) => {
    expect(parseLock(text)).toBe(pid);
  });

  test('is a number that a process can have, or none, whatever the lock holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.integer().map(String)), (text) => {
        const pid = parseLock(text);
        expect(pid === null || (Number.isInteger(pid) && pid > 0)).toBe(true);
      }),
    );
  });
});

describe('a session is open', () => {
  test.each([
    ['not when its process is gone', { alive: false, startedMs: null, lockedMs: NOW }, false],
    ['while a process from before the lock runs, however long', { alive: true, startedMs: 0, lockedMs: 1 }, true],
    ['not when the number went to a younger process', { alive: true, startedMs: NOW, lockedMs: NOW - DAY_MS }, false],
    ['for a day where nobody knows whose the number is', { alive: true, startedMs: null, lockedMs: NOW - 1000 }, true],
    ['and no longer', { alive: true, startedMs: null, lockedMs: NOW - DAY_MS }, false],
    ['for a day when the lock names nobody', { alive: null, startedMs: null, lockedMs: NOW - 1000 }, true],
    ['and no longer than that', { alive: null, startedMs: null, lockedMs: NOW - DAY_MS }, false],
  ])('%s', (_what, holder, open) => {
    expect(holdsLock(holder, NOW)).toBe(open);
  });

  test('as the system says of this very process, and not without a lock', async () => {
    const folder = tempFolder();
    const files = { id: 'a', log: '', meta: '', lock: path.join(folder, 'a.lock') };
    const host = tempHost({ now: () => new Date() });
    expect(await isOpen(host, files)).toBe(false);
    writeFileSync(files.lock, String(process.pid));
    expect(await isOpen(host, files)).toBe(true);
    writeFileSync(files.lock, 'somebody');
    expect(await isOpen(host, files)).toBe(true);
  });
});
