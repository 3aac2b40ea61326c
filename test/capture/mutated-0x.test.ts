import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ledger } from '../../src/capture/ledger-0x.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { parseChatSnapshot } from '../../src/kiro/chat-snapshot-0x.ts';
import { parseExecution } from '../../src/kiro/execution-0x.ts';
import { parseExecutionIndex } from '../../src/kiro/execution-index-0x.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import { parseSessionFile } from '../../src/kiro/session-file-0x.ts';
import { parseSessionList } from '../../src/kiro/session-list-0x.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { FIXTURES_0X, type GivenStore, givenStore, WORKSPACE } from './given-store-0x.ts';

const LONG_AGO = new Date('2026-09-01T00:00:00.000Z');
const SYNTHETIC = path.join(FIXTURES_0X, 'synthetic', 'kiro.kiroagent');
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name)).isFile(),
  );
const FILES = filesIn(SYNTHETIC).sort();
const TEXTS = [
  ...FILES.map((name) => readFileSync(path.join(SYNTHETIC, name), 'utf8')),
  ...filesIn(path.join(FIXTURES_0X, 'tolerance')).map((name) =>
    readFileSync(path.join(FIXTURES_0X, 'tolerance', name), 'utf8'),
  ),
];
const PARSERS = [parseExecution, parseExecutionIndex, parseSessionFile, parseSessionList, parseChatSnapshot];

const ODD = [
  'null',
  '-1',
  '1e999',
  '"x"',
  '[]',
  '{}',
  '[[[[[[[[]]]]]]]]',
  '"__proto__"',
  '"\\ud800"',
  'true',
  '{"__proto__":1}',
];

/** One change: a byte, a piece gone or doubled or moved, the rest cut off, or one value after a colon another one. */
type Mutation = (text: string) => string;
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(share, fc.string({ minLength: 1, maxLength: 2 })).map(
    ([at, put]): Mutation =>
      (text) => {
        const place = Math.floor(at * text.length);
        return text.slice(0, place) + put + text.slice(place + 1);
      },
  ),
  fc.tuple(share, fc.nat(400), fc.constantFrom('', 'twice', 'first')).map(
    ([at, length, how]): Mutation =>
      (text) => {
        const place = Math.floor(at * text.length);
        const [before, piece, after] = [
          text.slice(0, place),
          text.slice(place, place + length),
          text.slice(place + length),
        ];
        if (how === 'twice') return before + piece + piece + after;
        return how === 'first' ? piece + before + after : before + after;
      },
  ),
  share.map(
    (at): Mutation =>
      (text) =>
        text.slice(0, Math.floor(at * text.length)),
  ),
  // What still parses goes furthest.
  fc.tuple(share, fc.constantFrom(...ODD)).map(
    ([at, value]): Mutation =>
      (text) => {
        const found = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g)];
        const hit = found[Math.floor(at * found.length)];
        return hit?.[1] === undefined
          ? text
          : `${text.slice(0, hit.index)}:${value}${text.slice(hit.index + hit[0].length)}`;
      },
  ),
);
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
const mutate = (text: string, by: readonly Mutation[]) => by.reduce((now, change) => change(now), text);

/** The invented store, nobody writing it any more, with one of its files as given. */
function storeWith(name: string, text: string): GivenStore {
  const store = givenStore(true);
  const storage = agentStorage(store.userData);
  writeFileSync(path.join(storage, name), text);
  for (const file of filesIn(storage)) utimesSync(path.join(storage, file), LONG_AGO, LONG_AGO);
  return store;
}
const ledgerOf = (store: GivenStore) => store.cursors.get('ide-0.x', hashName(WORKSPACE)) as Ledger;
const idsOf = (events: readonly CapsuleEvent[]) => events.map(({ id }) => id);

describe('a mutated file of Kiro 0.x', () => {
  test('stops no parser, and names no more than a few strange fields', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), mutations, (text, by) => {
        const changed = mutate(text, by);
        for (const parse of PARSERS) {
          const parsed = parse(changed);
          expect(Object.keys(parsed?.unknown ?? {}).length).toBeLessThanOrEqual(17);
        }
      }),
      fuzzRuns(0.5),
    );
  });

  test('stops no reading, tells what fits the contract and once, and leaves nothing to read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FILES), mutations, async (name, by) => {
        const store = storeWith(name, mutate(readFileSync(path.join(SYNTHETIC, name), 'utf8'), by));
        const { events } = await store.sweep();
        for (const event of events) expect(checkEvent(JSON.parse(JSON.stringify(event)))).toEqual({ event });
        expect(new Set(idsOf(events)).size).toBe(events.length);
        expect(events.length).toBeLessThan(120);
        expect(JSON.stringify(ledgerOf(store)).length).toBeLessThan(16 * 1024);
        expect((await store.sweep()).events).toEqual([]);
      }),
      fuzzRuns(20),
    );
  }, 600_000);
});

describe('the files of a store', () => {
  const [starting, started] = ['849d564b958ce45cd11778c7b0fbdd96', '81bcdd7150f2ed7ffb7b56072084a2b7'];
  const at = (names: readonly string[], file: string | undefined) =>
    names.findIndex((name) => path.basename(name) === file);
  /** An execution that another one starts is never there before it. */
  const order = fc
    .shuffledSubarray(FILES, { minLength: FILES.length })
    .filter((names) => at(names, starting) < at(names, started));

  test('that appear in any order, and half first, tell the ids that the whole store does', async () => {
    const all = new Set(idsOf((await storeWith(FILES[0] ?? '', TEXTS[0] ?? '').sweep()).events));
    await fc.assert(
      fc.asyncProperty(order, share, fc.nat(FILES.length - 1), async (names, cut, torn) => {
        let ms = Date.parse('2026-09-10T12:00:00.000Z');
        const store = givenStore(false, { now: () => new Date(ms) });
        const storage = agentStorage(store.userData);
        const told: string[] = [];
        const put = async (name: string, text: string, changed: Date) => {
          const file = path.join(storage, name);
          writeFileSync(file, text);
          utimesSync(file, changed, changed);
          told.push(...idsOf((await store.sweep()).events));
        };
        for (const [nth, name] of names.entries()) {
          const text = readFileSync(path.join(SYNTHETIC, name), 'utf8');
          // While Kiro writes it.
          if (nth === torn) await put(name, text.slice(0, Math.floor(cut * text.length)), store.host.now());
          await put(name, text, LONG_AGO);
        }
        // What waited for another file waits no longer.
        ms += 11 * 60_000;
        told.push(...idsOf((await store.sweep()).events));
        expect([...new Set(told)].filter((id) => !all.has(id))).toEqual([]);
        expect([...all].filter((id) => !told.includes(id))).toEqual([]);
      }),
      fuzzRuns(40),
    );
  }, 600_000);
});
