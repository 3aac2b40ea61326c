import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { runs } from '../helpers/fuzz.ts';
import { EVERY_TYPE, givenContext, givenSession, RECORDED, readAll } from './given-session.ts';

const files = [EVERY_TYPE, RECORDED].map((place) => readFileSync(path.join(place, 'messages.jsonl')));

type Mutation = (data: Buffer) => Buffer;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const place = (data: Buffer, at: number) => Math.floor(at * data.length);

/** Replaces the value after the first colon behind a place by another one. */
function otherValue(data: Buffer, at: number, value: string): Buffer {
  const colon = data.indexOf(':', place(data, at));
  const comma = data.indexOf(',', colon);
  if (colon < 0 || comma < 0) return data;
  return Buffer.concat([data.subarray(0, colon + 1), Buffer.from(value), data.subarray(comma)]);
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(share, fc.nat(255)).map(
    ([at, byte]): Mutation =>
      (data) => {
        const changed = Buffer.from(data);
        changed[place(data, at)] = byte;
        return changed;
      },
  ),
  fc.tuple(share, fc.nat(500)).map(
    ([at, length]): Mutation =>
      (data) => {
        const from = place(data, at);
        return Buffer.concat([data.subarray(0, from), data.subarray(from + length)]);
      },
  ),
  fc.tuple(share, fc.nat(500)).map(
    ([at, length]): Mutation =>
      (data) => {
        const from = place(data, at);
        return Buffer.concat([data.subarray(0, from), data.subarray(Math.max(0, from - length))]);
      },
  ),
  fc
    .tuple(
      share,
      fc.constantFrom(
        'null',
        '-1',
        '1e999',
        '{}',
        '[]',
        '"\\ud800"',
        '""',
        '"+012345-01-01T00:00:00.000Z"',
        `"${'x'.repeat(9000)}"`,
      ),
    )
    .map(
      ([at, value]): Mutation =>
        (data) =>
          otherValue(data, at, value),
    ),
  fc.constantFrom('['.repeat(20_000) + ']'.repeat(20_000), `{"${'k'.repeat(9000)}":"ghp_${'a1B2'.repeat(9)}"}`).map(
    (args): Mutation =>
      (data) =>
        Buffer.concat([
          data,
          Buffer.from(
            `\n{"id":"d","payload":{"type":"tool_call","toolCallId":"d","toolName":"x","args":${args}}}\n{"payload":{"type":"tool_result","toolCallId":"d"}}\n`,
          ),
        ]),
  ),
);

test('however a session file is damaged, it is read, and every event fits the contract', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(mutation, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('full' as const, 'full' as const, 'redacted' as const),
      async (file, mutations, level) => {
        const damaged = mutations.reduce<Buffer>((data, mutate) => mutate(data), file);
        const { events, cursor } = await readAll(givenSession(damaged), null, givenContext({ levelFor: () => level }));
        for (const event of events) expect(checkEvent(JSON.parse(JSON.stringify(event)))).toEqual({ event });
        expect(JSON.stringify(cursor).length).toBeLessThan(64 * 1024);
      },
    ),
    runs(25),
  );
});
