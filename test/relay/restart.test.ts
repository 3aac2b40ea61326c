import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openDatabase } from '../../src/core/database.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { OUTBOX_TABLES } from '../../src/relay/outbox-tables.ts';
import { anEvent } from '../helpers/events.ts';
import { runs } from '../helpers/fuzz.ts';
import { now, open, ordinals, outboxFile, reopen } from '../helpers/outboxes.ts';
import { tempFolder } from '../helpers/temp-home.ts';

describe('a restart', () => {
  test('finds events, cursors, facts and open rings again', () => {
    const at = outboxFile();
    const before = open(at);
    before.commit({ events: [anEvent(1)], cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 42 } } });
    before.setFact('baseline', 'done');
    const ring = {
      name: '7-0.json',
      time: now().toISOString(),
      from: 'stdin' as const,
      sessionId: 'sess_1',
      cwd: '/w',
    };
    before.noteRing(ring);
    const after = reopen(at);
    expect(ordinals(after)).toEqual([1]);
    expect(after.cursor('ide-1.x', 'sess_1')).toEqual({ offset: 42 });
    expect(after.cursor('ide-0.x', 'sess_1')).toBeNull();
    expect(after.cursor('ide-1.x', 'sess_2')).toBeNull();
    expect([after.knowsSession('sess_1'), after.knowsSession('sess_2')]).toEqual([true, false]);
    expect(after.fact('baseline')).toBe('done');
    expect(after.openRings()).toEqual([ring]);
    expect(after.damage).toBeNull();
  });

  test('finds files that only their owner can read', () => {
    const at = outboxFile();
    open(at).commit({ events: [anEvent(1)] });
    for (const each of [at, `${at}-wal`, `${at}-ballast`]) expect(statSync(each).mode & 0o077).toBe(0);
  });

  test('beside a running daemon is told so', () => {
    const at = outboxFile();
    open(at);
    expect(() => open(at)).toThrow(expect.objectContaining({ code: 'already-running' }));
  });

  test('keeps what an earlier version wrote', () => {
    const at = outboxFile();
    const old = openDatabase(at, { migrations: OUTBOX_TABLES.slice(0, 1) });
    old.exec(`INSERT INTO event (id, kind, session, time, taken, bytes, json)
      VALUES ('a', 'agent.responded', 's', 't', 't', 2, '{"source":{"ordinal":5}}')`);
    old.close();
    expect(ordinals(open(at))).toEqual([5]);
  });

  test('refuses a database of a newer version, and leaves it as it is', () => {
    const at = outboxFile();
    openDatabase(at, { migrations: [...OUTBOX_TABLES, 'CREATE TABLE later (a)'] }).close();
    const before = readFileSync(at);
    expect(() => openOutbox(at, now)).toThrow(
      expect.objectContaining({ code: 'database-unusable', message: expect.stringContaining('newer version') }),
    );
    expect(readFileSync(at)).toEqual(before);
    expect(readdirSync(path.dirname(at)).filter((name) => name.includes('corrupt'))).toEqual([]);
  });
});

describe('a damaged database', () => {
  const events = Array.from({ length: 60 }, (_, n) => anEvent(n + 1, { body: { text: `${n} `.repeat(200) } }));
  const aside = (at: string) => readdirSync(path.dirname(at)).filter((name) => /-corrupt-[\dT-]+Z$/.test(name));
  /** The bytes of an outbox with events, all in the file itself. */
  const bytesOfAFullOne = () => {
    const at = outboxFile();
    const outbox = openOutbox(at, now);
    outbox.commit({ events, cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 42 } } });
    outbox.close();
    return readFileSync(at);
  };
  const whole = bytesOfAFullOne();
  const inFile = (bytes: Uint8Array) => {
    const at = path.join(tempFolder(), 'agent.db');
    writeFileSync(at, bytes);
    return at;
  };

  test('that is no database at all is moved aside, byte for byte, and a new one begun', () => {
    const text = Buffer.from('not a database, but somebody may want it'.repeat(100));
    const at = inFile(text);
    const outbox = open(at);
    expect(outbox.damage).toMatchObject({ saved: 0 });
    expect(aside(at)).toEqual([path.basename(outbox.damage?.movedTo ?? '')]);
    expect(readFileSync(outbox.damage?.movedTo ?? '')).toEqual(text);
    outbox.commit({ events: [anEvent(1)] });
    expect(ordinals(reopen(at))).toEqual([1]);
  });

  test('is read as far as it can be: cursors and events that are whole are carried over', () => {
    const at = inFile(whole);
    // The second half of the file: the first pages hold the tables' list and their first rows.
    truncateSync(at, whole.length - 4096);
    const outbox = open(at);
    expect(outbox.damage).not.toBeNull();
    expect(outbox.damage?.saved).toBe(ordinals(outbox).length);
    expect(outbox.counts().events).toBe(ordinals(outbox).length);
  });

  test('opens whatever it was cut or overwritten to, and works from there on', () => {
    const step = fc.integer({ min: 0, max: Math.floor(whole.length / 512) }).map((n) => n * 512);
    const harm = fc.oneof(
      fc.record({ how: fc.constant('cut' as const), at: step }),
      fc.record({ how: fc.constant('zeroes' as const), at: step }),
      fc.record({
        how: fc.constant('noise' as const),
        at: step,
        noise: fc.uint8Array({ minLength: 1, maxLength: 600 }),
      }),
    );
    fc.assert(
      fc.property(harm, (given) => {
        const bytes = Buffer.from(whole);
        if (given.how === 'zeroes') bytes.fill(0, given.at, Math.min(bytes.length, given.at + 512));
        if (given.how === 'noise') bytes.set(given.noise.subarray(0, bytes.length - given.at), given.at);
        const at = inFile(given.how === 'cut' ? bytes.subarray(0, given.at) : bytes);
        const outbox = openOutbox(at, now);
        try {
          outbox.commit({ events: [anEvent(500)] });
          expect(ordinals(outbox)).toContain(500);
        } finally {
          outbox.close();
          rmSync(path.dirname(at), { recursive: true });
        }
      }),
      runs(40),
    );
  });

  test('is not seen in a log that is garbage: what was committed before it stands', () => {
    const at = inFile(whole);
    writeFileSync(`${at}-wal`, Buffer.alloc(5_000, 7));
    writeFileSync(`${at}-shm`, Buffer.alloc(32_768, 7));
    const outbox = open(at);
    expect(outbox.damage).toBeNull();
    expect(ordinals(outbox)).toHaveLength(60);
    expect(existsSync(`${at}-ballast`)).toBe(true);
  });
});
