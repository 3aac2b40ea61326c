import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { rulesBeside } from '../../src/capture/all-rules.ts';
import { redactText } from '../../src/capture/redact-text.ts';
import { benignTexts, plantedSecrets } from './redaction-corpus.ts';

const README = new URL('../fixtures/redaction/README.md', import.meta.url);
const BEGIN = '<!-- written by test/capture/redaction-corpus.test.ts: CAPSULE_WRITE_TABLES=1 writes it anew -->\n';

const by = { key: Buffer.alloc(32, 1), rules: rulesBeside([]), clock: () => 0 };

/** How many of a kind there are, and what became of them. */
interface Row {
  all: number;
  hit: number;
  rules: Set<string>;
}

/** Less than this of a secret is no help to anybody. */
const TELLING = 8;

function leaks(secret: string, text: string): boolean {
  const length = Math.min(TELLING, secret.length);
  for (let at = 0; at + length <= secret.length; at++) if (text.includes(secret.slice(at, at + length))) return true;
  return false;
}

async function measure<T extends { kind: string }>(
  items: readonly T[],
  judge: (item: T) => Promise<{ hit: boolean; rules: string[] }>,
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const item of items) {
    const row = rows.get(item.kind) ?? { all: 0, hit: 0, rules: new Set() };
    rows.set(item.kind, row);
    const { hit, rules } = await judge(item);
    row.all += 1;
    if (hit) row.hit += 1;
    for (const rule of rules) row.rules.add(rule);
  }
  return rows;
}

const sum = (rows: Map<string, Row>) => {
  const all = [...rows.values()].reduce((total, row) => total + row.all, 0);
  const hit = [...rows.values()].reduce((total, row) => total + row.hit, 0);
  return { all, hit, share: hit / all };
};

function table(head: string, rows: Map<string, Row>): string {
  const lines = [...rows].map(
    ([kind, { all, hit, rules }]) => `| ${kind} | ${all} | ${hit} | ${[...rules].sort().join(', ')} |`,
  );
  const { all, hit, share } = sum(rows);
  const total = `| **all** | **${all}** | **${hit}** | **${(100 * share).toFixed(1)} %** |`;
  return [head, '| --- | --- | --- | --- |', ...lines, total].join('\n');
}

describe('the corpus', () => {
  let found: Map<string, Row>;
  let taken: Map<string, Row>;

  beforeAll(async () => {
    found = await measure(plantedSecrets(), async ({ before, secret, after }) => {
      const { text, hits } = await redactText(before + secret + after, by);
      return { hit: !leaks(secret, text), rules: hits.map((hit) => hit.rule) };
    });
    taken = await measure(benignTexts(), async ({ text }) => {
      const { text: left, hits } = await redactText(text, by);
      return { hit: left !== text, rules: hits.map((hit) => hit.rule) };
    });
  });

  test('holds at least 60 secrets of 25 kinds and 200 texts that only look like it', () => {
    expect(sum(found).all).toBeGreaterThanOrEqual(60);
    expect(found.size).toBeGreaterThanOrEqual(25);
    expect(sum(taken).all).toBeGreaterThanOrEqual(200);
  });

  test('loses at least 97 in 100 secrets, and at most 4 in 100 of the others', () => {
    expect(sum(found).share).toBeGreaterThanOrEqual(0.97);
    expect(sum(taken).share).toBeLessThanOrEqual(0.04);
  });

  test('comes out as its README says', () => {
    const tables = `${table('| secret | planted | found | by |', found)}\n\n${table('| look-alike | texts | taken | by |', taken)}\n`;
    const [about = '', written] = readFileSync(README, 'utf8').split(BEGIN);
    if (process.env.CAPSULE_WRITE_TABLES === '1') writeFileSync(README, about + BEGIN + tables);
    else expect(written).toBe(tables);
  });
});
