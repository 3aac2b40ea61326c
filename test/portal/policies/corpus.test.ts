import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../src/portal/policies/judge.ts';
import { loadPack } from '../../../src/portal/policies/pack.ts';
import { SEVERITIES } from '../../../src/portal/policies/policy.ts';
import { readyRules } from '../../../src/portal/policies/rule-set.ts';
import { readShort } from '../../helpers/short-events.ts';
import { BENIGN, MALICIOUS } from './corpus.ts';

const TABLE = new URL('./README.md', import.meta.url);

const pack = await loadPack();
const { rules } = readyRules(
  pack
    .filter(({ enabled, expression }) => enabled && expression !== null)
    .map((policy) => ({ ...policy, version: 1, targets: { agents: [], users: [], workspaces: [] } })),
);
/** The policies that find something in it, with the highest severity among them; -1 for none. */
function found(short: string): { ids: string[]; severity: number } {
  const { findings } = judge(rules, [readShort(short)]);
  const severities = findings.map(({ policy }) => SEVERITIES.indexOf(policy.severity));
  return { ids: findings.map(({ policy }) => policy.id), severity: Math.max(-1, ...severities) };
}

const benign = BENIGN.map((short) => ({ short, ...found(short) }));
const malicious = MALICIOUS.map((short) => ({ short, ...found(short) }));

function table(): string {
  const rows = SEVERITIES.map((name, severity) => {
    const right = malicious.filter((each) => each.severity >= severity).length;
    const wrong = benign.filter((each) => each.severity >= severity).length;
    const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
    return `| ${severity === SEVERITIES.length - 1 ? name : `${name} and above`} | ${right} of ${malicious.length} | ${wrong} of ${benign.length} | ${share(right, right + wrong)} | ${share(right, malicious.length)} |`;
  });
  const list = (items: readonly string[]) => items.map((item) => `- \`${item.replaceAll('`', "'")}\``).join('\n');
  const missed = malicious.filter(({ severity }) => severity < 0).map(({ short }) => short);
  const wrong = benign.filter(({ severity }) => severity >= 0).map(({ short, ids }) => `${short}  (${ids.join(', ')})`);
  return `# How well the built-in policies find things

Made by \`corpus.test.ts\`, which fails when this is out of date; \`WRITE_TABLE=1\` writes it anew. The corpus is hand-written, small, and by the people who wrote the policies: it was
written down before the policies were run on it and neither was changed afterwards to please the other, but it says nothing about attacks that nobody here thought of. Single events only; sequences are not counted.

| severity | malicious found | benign found | precision | recall |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## Malicious and not found

${list(missed)}

## Benign and found

${wrong.length === 0 ? 'None.' : list(wrong)}
`;
}

describe('the corpus', () => {
  test('is large enough to say something', () => {
    expect(BENIGN.length).toBeGreaterThanOrEqual(100);
    expect(MALICIOUS.length).toBeGreaterThanOrEqual(60);
  });

  test('raises nothing high or critical where nothing is wrong', () => {
    expect(benign.filter(({ severity }) => severity >= SEVERITIES.indexOf('high'))).toEqual([]);
  });

  test('gives the table in the README', () => {
    if (process.env.WRITE_TABLE === '1') writeFileSync(TABLE, table());
    expect(readFileSync(TABLE, 'utf8')).toBe(table());
  });
});
