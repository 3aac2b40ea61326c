import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { harmless, sayEvent, saySent } from '../../src/cli/say-event.ts';
import { anyText } from '../helpers/any-text.ts';
import { everyKind, makeEvent } from '../helpers/portal-events.ts';

const told = (event: object, answer: string | null = 'accepted') => ({
  time: '2026-09-03T12:00:05.000Z',
  answer,
  destination: answer === null ? null : ('otlp' as const),
  json: JSON.stringify(event),
});
const rest = (line: string) => line.slice('12:00:00 '.length);

describe('an event on a terminal', () => {
  test('of every kind is one line that says what it is', () => {
    const lines = everyKind().map((event) => rest(sayEvent(told(event), 200)));
    expect(lines).toEqual([
      'sent    session   demo: 1 MCP server, 1 skill, 1 steering file',
      'sent    prompt    demo: Fix the parser',
      'sent    reasoning demo: kept back by Kiro',
      'sent    tool      demo: execute_bash {"command":"npm test"}',
      'sent    answer    demo: Done.',
      'sent    turn end  demo: end_turn, 1 tool call',
      'sent    gap       demo: 37 events lost (outbox limit)',
    ]);
  });

  test('says what became of it, and what was taken out', () => {
    const redactions = [
      { rule: 'jwt', field: '/body/text', count: 2, hash: 'hmac:1' },
      { rule: 'aws', field: '/body/text', count: 1, hash: 'hmac:2' },
    ];
    const event = makeEvent('agent.responded', { redactions });
    expect(sayEvent(told(event, null), 200).split('\n').map(rest)).toEqual([
      'waits   answer    demo: Done.',
      '                  3 secrets taken out: jwt, aws',
    ]);
    expect(rest(sayEvent(told(event, 'event-invalid'), 200).split('\n')[0] ?? '')).toBe(
      'refused answer    demo: Done. (event-invalid)',
    );
    expect(saySent(told(event))).toBe(
      `2026-09-03T12:00:05.000Z  otlp  accepted  agent.responded  ${JSON.stringify(event).length} bytes  ${event.id}`,
    );
  });

  test('is never wider than the terminal and never tells it anything, whatever its text holds', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), fc.integer({ min: 40, max: 120 }), (text, width) => {
        const said = sayEvent(told(makeEvent('prompt.submitted', { body: { text } })), width);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
        expect(said).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
        expect(said.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('JSON made harmless is the same JSON, without a character that a terminal would obey', () => {
  fc.assert(
    fc.property(fc.json(), anyText(), (json, text) => {
      expect(JSON.parse(harmless(json))).toEqual(JSON.parse(json));
      const made = harmless(JSON.stringify({ text }));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(made).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(JSON.parse(made)).toEqual({ text });
    }),
  );
});
