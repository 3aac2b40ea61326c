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
});
