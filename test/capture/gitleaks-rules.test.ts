import { describe, expect, test } from '@jest/globals';
import { bitsPerCharacter, loadGitleaksRules } from '../../src/capture/gitleaks-rules.ts';
import { selectRules } from '../../src/capture/select-rules.ts';
import { readTextAsset } from '../../src/core/assets.ts';

const rules = loadGitleaksRules();
const noise = (length: number) => Array.from({ length }, (_, i) => 'aB3dE7gH1jK9mN5pQ2'[(i * 7) % 18]).join('');

async function found(name: string, text: string): Promise<string[]> {
  const spans = await rules.find((rule) => rule.name === name)?.find(text);
  return [...(spans ?? [])].map(([start, end]) => text.slice(start, end));
}

describe('the rules of gitleaks', () => {
  test('are there, each with keywords, and their licence beside them', () => {
    expect(rules.length).toBeGreaterThan(200);
    expect(rules.filter(({ keywords = [] }) => keywords.length === 0)).toEqual([]);
    expect(rules.filter((rule) => !/^[a-z0-9-]+$/.test(rule.name))).toEqual([]);
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
    expect(readTextAsset('installer-assets/redaction/LICENSE-gitleaks')).toContain('Copyright (c) 2019 Zachary Rice');
  });

  test('give the group that is the secret, not what is around it', async () => {
    const secret = noise(32).toLowerCase();
    expect(await found('adafruit-api-key', `adafruit_key = "${secret}"`)).toEqual([secret]);
  });

  test('let go what has too little entropy, is on an allow-list, or holds a stop word', async () => {
    const key = (value: string) => `api_key = "${value}"`;
    expect(await found('generic-api-key', key(noise(24)))).toEqual([noise(24)]);
    expect(await found('generic-api-key', key('a1a1a1a1a1a1a1a1'))).toEqual([]);
    expect(await found('generic-api-key', key('onlyLettersAndNothingElse'))).toEqual([]);
    expect(await found('generic-api-key', `rapid = "${noise(24)}"`)).toEqual([]);
    expect(await found('generic-api-key', key(`${noise(12)}account${noise(5)}`))).toEqual([]);
  });

  test('cannot be switched off by a comment in the text', async () => {
    expect(await found('generic-api-key', `api_key = "${noise(24)}" # gitleaks:allow`)).toEqual([noise(24)]);
  });

  test('are tried only where one of their keywords stands', () => {
    const rulesFor = selectRules(rules);
    expect(rulesFor('nothing of note stands here')).toEqual([]);
    expect(rulesFor('the ADAFRUIT board').map((rule) => rule.name)).toEqual(['adafruit-api-key']);
  });
});

test('entropy is counted in bits a character', () => {
  expect(bitsPerCharacter('aaaa')).toBe(0);
  expect(bitsPerCharacter('abab')).toBe(1);
  expect(bitsPerCharacter('abcdabcd')).toBe(2);
});
