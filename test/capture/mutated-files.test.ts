import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { initialState } from '../../src/capture/normalizer-state-1x.ts';
import { ALL_OF_IT, reduceLines } from '../../src/capture/reduce-lines.ts';
import { storeState } from '../../src/capture/stored-state.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { EVERY_TYPE, givenSession, RECORDED, readAll, variant } from './given-session.ts';

/** Mutations in all; `FUZZ_RUNS` for a long look. Every run is the same: the seed is fixed unless `FUZZ_SEED` says another. */
const MUTATIONS = Number(process.env.FUZZ_RUNS ?? 2_000);
const PER_FILE = 8;

const FILES = [
  ...[EVERY_TYPE, RECORDED].map((place) => readFileSync(path.join(place, 'messages.jsonl'))),
  ...['crlf', 'cold-load-repair', 'session-start-is-prompt', 'malformed-middle'].map(variant),
];
const SUB = readFileSync(path.join(EVERY_TYPE, 'sub-executions', '55555555-0000-4000-8000-000000000001.jsonl'));

/** A generator of numbers below 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const INSERTED = [
  '\n',
  '\r\n',
  '{',
  '}',
  '"',
  '\\',
  '\0',
  '\u{1f600}',
  '[[[[[[[[',
  'null',
  '1e999',
  '"__proto__":',
  ',"type":',
];

/** One change: a bit, a byte, a piece gone, doubled, moved, cut off, or something typical put in between. */
function mutate(data: Buffer, next: () => number): Buffer {
  const at = Math.floor(next() * data.length);
  const end = Math.min(data.length, at + 1 + Math.floor(next() * 400));
  const [before, piece, after] = [data.subarray(0, at), data.subarray(at, end), data.subarray(end)];
  switch (Math.floor(next() * 7)) {
    case 0:
      return Buffer.concat([
        before,
        Buffer.from([(data[at] ?? 0) ^ (1 << Math.floor(next() * 8))]),
        data.subarray(at + 1),
      ]);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, piece, piece, after]);
    case 3:
      return Buffer.concat([piece, before, after]);
    case 4:
      return next() < 0.2 ? before : Buffer.concat([before, Buffer.alloc(piece.length, 0x20), after]);
    default: {
      const inserted = INSERTED[Math.floor(next() * INSERTED.length)] ?? '';
      return Buffer.concat([before, Buffer.from(inserted), data.subarray(at)]);
    }
  }
}

function mutated(file: Buffer, next: () => number): Buffer {
  return Array.from({ length: PER_FILE }).reduce<Buffer>((data) => mutate(data, next), file);
}

function linesOf(data: Buffer) {
  let offset = 0;
  return data
    .toString('utf8')
    .split('\n')
    .map((text) => {
      const start = offset;
      offset += Buffer.byteLength(text) + 1;
      return { offset: start, end: offset, text };
    });
}

test('no mutated record crashes the reducer, makes it tell more than was recorded, or makes its state grow', () => {
  const next = numbers(Number(process.env.FUZZ_SEED ?? 1));
  for (let n = 0; n < MUTATIONS / PER_FILE; n++) {
    const lines = linesOf(mutated(FILES[n % FILES.length] ?? Buffer.alloc(0), next));
    const { state, facts, unknown } = reduceLines(initialState(), lines, ALL_OF_IT);
    expect(facts.length).toBeLessThanOrEqual(lines.length);
    expect(JSON.stringify(storeState(state)).length).toBeLessThan(32 * 1024);
    expect(Object.keys(unknown).length).toBeLessThanOrEqual(lines.length * 10);
    expect(Object.keys(state.held).length).toBeLessThanOrEqual(lines.length);
  }
});

test('no mutated session crashes reading, and every event of it fits the contract', async () => {
  const next = numbers(Number(process.env.FUZZ_SEED ?? 2));
  for (let n = 0; n < MUTATIONS / PER_FILE / 10; n++) {
    const session = givenSession(mutated(FILES[n % 2] ?? Buffer.alloc(0), next));
    mkdirSync(path.join(session.folder.path, 'sub-executions'));
    const subFile = path.join(session.folder.path, 'sub-executions', '55555555-0000-4000-8000-000000000001.jsonl');
    writeFileSync(subFile, mutated(SUB, next));
    const { events, cursor } = await readAll(session);
    for (const event of events) expect(checkEvent(JSON.parse(JSON.stringify(event)))).toEqual({ event });
    expect(JSON.stringify(cursor).length).toBeLessThan(64 * 1024);
    expect(await readAll(session, cursor)).toMatchObject({ events: [], more: false });
  }
});
