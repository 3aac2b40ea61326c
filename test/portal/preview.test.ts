import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../src/core/event.ts';
import { headOf, PREVIEW_LENGTH, previewEvent } from '../../src/portal/preview.ts';
import { makeEvent } from '../helpers/portal-events.ts';

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

test('what is short enough is shown as it is', () => {
  fc.assert(
    fc.property(anyJson, (result) => {
      const event = makeEvent('tool.invoked', { body: { result } });
      expect(previewEvent(event)).toEqual(event);
    }),
  );
});

test('however large an event is, its preview is bounded and names what was cut', () => {
  const wide = Array.from({ length: 500 }, () => Array.from({ length: 500 }, () => 'x'.repeat(50)));
  const long = 'y'.repeat(3_000_000);
  for (const result of [wide, long, { a: long, b: long }]) {
    const preview = previewEvent(makeEvent('tool.invoked', { body: { result } }));
    expect(JSON.stringify(preview).length).toBeLessThan(300_000);
    expect(preview.cut?.every(({ field }) => field.startsWith('/body/result'))).toBe(true);
    expect(preview.cut?.length).toBeGreaterThan(0);
  }
});

test('deep nesting is drawn as text from some depth on', () => {
  let deep: Json = 'end';
  for (let level = 0; level < 90; level++) deep = { deeper: deep };
  expect(JSON.stringify(previewEvent(makeEvent('tool.invoked', { body: { result: deep } })))).toContain('end');
});

test('the size that is told is the whole length in bytes of UTF-8', () => {
  const event = makeEvent('agent.responded', { body: { text: 'é'.repeat(PREVIEW_LENGTH + 1) } });
  expect(previewEvent(event).cut).toEqual([{ field: '/body/text', bytes: 2 * (PREVIEW_LENGTH + 1) }]);
});

test('a text is never cut in the middle of a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, length) => {
      const head = headOf(text, length);
      expect(text.startsWith(head)).toBe(true);
      expect(head.isWellFormed()).toBe(true);
      expect(text.length - head.length).toBeLessThanOrEqual(Math.max(0, text.length - length) + 1);
    }),
  );
});
