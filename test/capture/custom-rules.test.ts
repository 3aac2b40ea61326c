import { describe, expect, test } from '@jest/globals';
import { rulesBeside } from '../../src/capture/all-rules.ts';
import { customRules } from '../../src/capture/custom-rules.ts';
import { redactText } from '../../src/capture/redact-text.ts';
import type { ContentRule } from '../../src/core/settings.ts';

const redact = (text: string, ...rules: ContentRule[]) =>
  redactText(text, { key: Buffer.alloc(32, 1), rules: rulesBeside(customRules(rules)), clock: () => 0 });

describe('an organisation’s own rule', () => {
  test('takes out its group named secret, or all that it matches', async () => {
    const badge = { name: 'badge', pattern: 'badge (?<secret>\\d{6})' };
    expect((await redact('his badge 123456.', badge)).text).toMatch(/^his badge \[redacted:badge:[0-9a-f]{8}\]\.$/);
    const client = { name: 'client', pattern: 'acme \\w+', flags: 'i' };
    expect((await redact('for ACME Corp only', client)).text).toMatch(/^for \[redacted:client:[0-9a-f]{8}\] only$/);
  });

  test('names what a rule of ours finds too', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const { hits } = await redact(`is ${secret}`, { name: 'our-github', pattern: 'ghp_\\w+' });
    expect(hits.map((hit) => hit.rule)).toEqual(['our-github']);
  });

  test('that matches nothing at all changes nothing', async () => {
    expect((await redact('some plain words', { name: 'empty', pattern: 'x*' })).text).toBe('some plain words');
  });

  test('that would never end is stopped, and its text does not leave', async () => {
    const text = `${'a'.repeat(200)}!`;
    const { text: left, withheld } = await redact(text, { name: 'endless', pattern: '^(a+)+$' });
    expect(withheld).toBe(true);
    expect(left).toMatch(/^\[redacted:unscanned:[0-9a-f]{8}\]$/);
  });

  test('whose group took no part takes out all that it matches, and marks each secret of a text apart', async () => {
    const rule = { name: 'staff', pattern: 'staff:(?:(?<secret>\\d{4})|none)' };
    const { text, hits } = await redact('staff:1234 staff:none staff:1234 staff:5678', rule);
    expect(text).toMatch(
      /^staff:\[redacted:staff:([0-9a-f]{8})\] \[redacted:staff:[0-9a-f]{8}\] staff:\[redacted:staff:\1\] staff:\[redacted:staff:(?!\1)[0-9a-f]{8}\]$/,
    );
    expect(hits).toHaveLength(4);
  });

  test('reads letters of any script and more than one line, when its flags say so', async () => {
    const rule = { name: 'codename', pattern: '^projekt \\p{Lu}\\p{L}+$', flags: 'mu' };
    const { text } = await redact('eins\nprojekt Überflug\nprojekt klein\n', rule);
    expect(text).toMatch(/^eins\n\[redacted:codename:[0-9a-f]{8}\]\nprojekt klein\n$/);
  });

  test('finds what stands at the end of a long output, and where the scan’s pieces meet', async () => {
    const rule = { name: 'badge', pattern: 'B-\\d{6}' };
    for (const before of [65_533, 65_536, 300_000]) {
      const long = 'word '.repeat(before / 5).padEnd(before, '.');
      const { text, withheld } = await redact(`${long}B-123456`, rule);
      expect({ withheld, left: text.includes('B-123456') }).toEqual({ withheld: false, left: false });
      expect(text.slice(0, before)).toBe(long);
    }
  });
});
