import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileLog, type LogFields, silentLog } from '../../src/core/log.ts';
import { anyText } from '../helpers/any-text.ts';
import { runs } from '../helpers/fuzz.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const MIB = 1024 * 1024;
const open = (file = path.join(tempFolder(), 'log', 'daemon.log')) => ({ file, log: fileLog(file, () => NOW) });
const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

describe('the log', () => {
  test('holds time, level, message and fields of each entry', () => {
    const { file, log } = open();
    log.info('started', { pid: 7 });
    log.warn('slow');
    log.error('lost', { count: 3, why: null, all: true });
    expect(lines(file).map((line) => JSON.parse(line))).toEqual([
      { time: NOW.toISOString(), level: 'info', message: 'started', pid: 7 },
      { time: NOW.toISOString(), level: 'warn', message: 'slow' },
      { time: NOW.toISOString(), level: 'error', message: 'lost', count: 3, why: null, all: true },
    ]);
  });

  test('takes one line for an entry, whatever is in it', () => {
    const { file, log } = open();
    const field = fc.oneof(anyText(), fc.double(), fc.boolean(), fc.constant(null));
    let entries = 0;
    fc.assert(
      fc.property(anyText(), fc.dictionary(fc.string(), field), (message, fields) => {
        log.info(message, fields as LogFields);
        entries += 1;
      }),
      runs(30),
    );
    expect(lines(file)).toHaveLength(entries);
    for (const line of lines(file)) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('is for its owner only, and so is its folder', () => {
    const { file, log } = open();
    const umask = process.umask(0);
    log.info('started');
    process.umask(umask);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('goes on where an earlier process ended', () => {
    const { file, log } = open();
    log.info('first');
    open(file).log.info('second');
    expect(lines(file).map((line) => JSON.parse(line).message)).toEqual(['first', 'second']);
  });
});

describe('a log that grows', () => {
  const filler = (length: number, letter = 'x') => ({ filler: letter.repeat(length) });

  test('keeps one older file beside it, both bounded, both owner-only, and the newest entry', () => {
    const { file, log } = open();
    for (let n = 0; n < 25; n++) log.info(`entry ${n}`, filler(MIB / 2));
    for (const each of [file, `${file}.1`]) {
      expect(statSync(each).size).toBeLessThanOrEqual(5 * MIB);
      expect(statSync(each).mode & 0o777).toBe(0o600);
    }
    const kept = [...lines(`${file}.1`), ...lines(file)].map((line) => JSON.parse(line).message);
    expect(kept.at(-1)).toBe('entry 24');
    expect(kept).toEqual(kept.map((_, n) => `entry ${25 - kept.length + n}`));
  });

  test('counts what stood there before', () => {
    const { file, log } = open();
    mkdirSync(path.dirname(file));
    writeFileSync(file, 'x'.repeat(5 * MIB - 10));
    log.info('one too many');
    expect(lines(file)).toHaveLength(1);
    expect(statSync(`${file}.1`).size).toBe(5 * MIB - 10);
  });

  test('counts bytes, not letters', () => {
    const { file, log } = open();
    for (let n = 0; n < 4; n++) log.info('wide', filler(MIB / 2, '€'));
    expect(statSync(file).size).toBeLessThanOrEqual(5 * MIB);
  });
});

describe('a log that cannot be written', () => {
  test('stops nobody', () => {
    const blocked = path.join(tempFolder(), 'file');
    writeFileSync(blocked, '');
    expect(() => open(path.join(blocked, 'daemon.log')).log.error('lost')).not.toThrow();
    expect(() => open('/dev/full').log.error('lost')).not.toThrow();
    expect(readFileSync(blocked, 'utf8')).toBe('');
  });

  test('loses no entry when its folder was removed under it', () => {
    const { file, log } = open();
    log.info('before');
    rmSync(path.dirname(file), { recursive: true });
    log.info('the first after');
    log.info('the second after');
    expect(lines(file).map((line) => JSON.parse(line).message)).toEqual(['the first after', 'the second after']);
  });
});

test('commands keep no log', () => {
  for (const say of [silentLog.info, silentLog.warn, silentLog.error]) expect(say('anything')).toBeUndefined();
});
