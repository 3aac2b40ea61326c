/** A record that is cut short gives the beginning of what it gave, and the rest when it is there again: nothing else, nothing twice. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { eventsOf, flat, givenCli } from './given-cli.ts';
import {
  EVERY_TYPE,
  type GivenSession,
  givenContext,
  givenSession,
  RECORDED,
  readAll,
  variant,
} from './given-session.ts';

const SESSIONS = [
  readFileSync(path.join(EVERY_TYPE, 'messages.jsonl')),
  readFileSync(path.join(RECORDED, 'messages.jsonl')),
  variant('crlf'),
];
const LOGS = ['rewind', 'tool-call', 'finished', 'thinking'].map((name) => ({
  log: flat(`${name}.jsonl`),
  meta: flat(`${name}.json`),
}));
// What is cut is the record: redaction would only cost time.
const context = givenContext({ levelFor: () => 'full' });
const read = (session: GivenSession, cursor: SessionCursor | null = null) => readAll(session, cursor, context);
const place = fc.double({ min: 0, max: 1, noNaN: true });
const cutAt = (length: number, at: number) => Math.floor(length * at);
const ids = (events: readonly CapsuleEvent[]) => events.map(({ id }) => id);
const distinct = (events: readonly CapsuleEvent[]) => [...new Set(ids(events))].toSorted();

describe('a session of Kiro 1.x that is cut anywhere', () => {
  test('gives the beginning of what the whole gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SESSIONS), place, async (file, at) => {
        const whole = (await read(givenSession(file))).events;
        const part = (await read(givenSession(file.subarray(0, cutAt(file.length, at))))).events;
        expect(part).toEqual(whole.slice(0, part.length));
      }),
      fuzzRuns(40),
    );
  });

  test('after it was read, and written again, gives the same ids and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SESSIONS), place, place, async (file, readTo, at) => {
        const whole = (await read(givenSession(file))).events;
        const session = givenSession(file.subarray(0, cutAt(file.length, readTo)));
        const first = await read(session);
        session.write(file.subarray(0, cutAt(file.length, readTo * at)));
        const cut = await read(session, JSON.parse(JSON.stringify(first.cursor)));
        session.write(file);
        const rest = await read(session, JSON.parse(JSON.stringify(cut.cursor)));
        expect(distinct([...first.events, ...cut.events, ...rest.events])).toEqual(distinct(whole));
      }),
      fuzzRuns(40),
    );
  });
});

describe('a flat log of Kiro CLI that is cut anywhere', () => {
  test('gives the beginning of what the whole gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LOGS), place, async ({ log, meta }, at) => {
        const tell = async (text: string) => {
          const cli = givenCli();
          cli.write('.json', meta);
          cli.write('.jsonl', text);
          return eventsOf(await cli.sweep(context));
        };
        const part = await tell(log.slice(0, cutAt(log.length, at)));
        expect(part).toEqual((await tell(log)).slice(0, part.length));
      }),
      fuzzRuns(40),
    );
  });

  test('after it was read, and written again, gives the same ids and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LOGS), place, place, async ({ log, meta }, readTo, at) => {
        const cli = givenCli();
        cli.write('.json', meta);
        const told: CapsuleEvent[] = [];
        for (const text of [
          log.slice(0, cutAt(log.length, readTo)),
          log.slice(0, cutAt(log.length, readTo * at)),
          log,
        ]) {
          cli.write('.jsonl', text);
          told.push(...eventsOf(await cli.sweep(context)));
        }
        const other = givenCli();
        other.write('.json', meta);
        other.write('.jsonl', log);
        expect(distinct(told)).toEqual(distinct(eventsOf(await other.sweep(context))));
      }),
      fuzzRuns(40),
    );
  });
});
