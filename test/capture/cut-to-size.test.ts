import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutToHalf, cutToSize, MAX_BODY_BYTES, MAX_TEXT_BYTES } from '../../src/capture/cut-to-size.ts';
import { createRedactor } from '../../src/capture/redact.ts';
import type { Json } from '../../src/core/event.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { anEvent } from '../helpers/events.ts';
import { runs } from '../helpers/fuzz.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const call = (args: Json, result: Json) => {
  const rest = { kind: null, mcpServer: null, success: null, exitCode: null, startedAt: null, endedAt: null };
  const body = {
    callId: 'c',
    name: 'n',
    ...rest,
    durationMs: null,
    approval: null,
    subAgent: null,
    arguments: args,
    result,
  };
  return anEvent<'tool.invoked'>(1, { kind: 'tool.invoked', body });
};

describe('cutting to size', () => {
  test('leaves what fits as it is', () => {
    const event = anEvent(1, { body: { text: 'x'.repeat(MAX_TEXT_BYTES) } });
    expect(cutToSize(event)).toEqual(event);
  });

  test('cuts a long text and says how long it was, and its hash', () => {
    const text = `${'x'.repeat(MAX_TEXT_BYTES)}y`;
    expect(cutToSize(anEvent(1, { body: { text } }))).toMatchObject({
      body: { text: 'x'.repeat(MAX_TEXT_BYTES) },
      truncated: [{ field: '/body/text', bytes: MAX_TEXT_BYTES + 1, sha256: sha256(text) }],
    });
  });

  test('never cuts within a character', () => {
    fc.assert(
      fc.property(fc.constantFrom('é', '漢', '👍'), fc.nat(4), (character, shift) => {
        const text = 'x'.repeat(shift) + character.repeat(MAX_TEXT_BYTES / 2);
        const cut = cutToSize(anEvent(1, { body: { text } }));
        const kept = cut.kind === 'agent.responded' ? (cut.body.text ?? '') : '';
        expect(text.startsWith(kept)).toBe(true);
        expect(kept.isWellFormed()).toBe(true);
        expect(MAX_TEXT_BYTES - Buffer.byteLength(kept)).toBeLessThan(5);
      }),
      runs(12),
    );
  });

  test('never leaves half a secret, nor half of what stands for one, at the edge', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const redactor = createRedactor({ key: Buffer.alloc(32, 1), clock: () => 0 });
    for (const room of [0, 1, 12, 25, 30, 45]) {
      const text = `${'word '.repeat(MAX_TEXT_BYTES / 5)}`.slice(0, MAX_TEXT_BYTES - room - 1);
      const event = anEvent(1, { body: { text: `${text} ${secret} and more that goes on for a while` } });
      const { body } = cutToSize(await redactor.redactEvent(event));
      const kept = (body as { text: string }).text;
      expect(kept).not.toMatch(/ghp_|a1B2/);
      const marker = kept.includes('[') ? kept.slice(kept.indexOf('[')) : '[redacted:github-token:00000000]';
      expect(marker).toMatch(/^\[redacted:github-token:[0-9a-f]{8}\]/);
    }
  });

  test('keeps a bracket of the text itself', () => {
    const text = `${'x'.repeat(MAX_TEXT_BYTES - 6)}[redo]and`;
    expect(cutToSize(anEvent(1, { body: { text } }))).toMatchObject({ body: { text: text.slice(0, MAX_TEXT_BYTES) } });
  });

  test('drops the largest part of a body that is too large without any long text', () => {
    const many = Array.from({ length: 20 }, () => 'x'.repeat(MAX_TEXT_BYTES / 2));
    const cut = cutToSize(call({ list: many }, ['small']));
    expect(cut).toMatchObject({
      body: { arguments: null, result: ['small'] },
      truncated: [{ field: '/body/arguments' }],
    });
    expect(JSON.stringify(cut.body).length).toBeLessThan(MAX_BODY_BYTES);
  });
});

describe('cutting to half', () => {
  test('halves a body at least, and goes on telling how long its text was at first', () => {
    const text = 'x'.repeat(100_000);
    const once = cutToHalf(anEvent(1, { body: { text } }));
    const twice = once && cutToHalf(once);
    for (const [cut, most] of [
      [once, 50_000],
      [twice, 25_000],
    ] as const) {
      expect(JSON.stringify(cut?.body).length).toBeLessThanOrEqual(most);
      expect(cut?.truncated).toEqual([{ field: '/body/text', bytes: 100_000, sha256: sha256(text) }]);
    }
  });

  test('ends, whatever is in the body, with one that a portal takes and that fits through anything', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 9 }).map((part) => part.repeat(9_000));
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
    fc.assert(
      fc.property(text, json, fc.array(text, { maxLength: 9 }), (long, odd, many) => {
        let event = call({ long, odd }, many);
        for (let times = 0; times < 12; times++) event = cutToHalf(event) ?? event;
        expect(cutToHalf(event)).toBeUndefined();
        expect(Buffer.byteLength(JSON.stringify(event.body))).toBeLessThan(16 * 1024);
        expect(checkEvent(event)).toEqual({ event });
      }),
      runs(20),
    );
  });
});
