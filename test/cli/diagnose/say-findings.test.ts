import { describe, expect, test } from '@jest/globals';
import { found, passed, skipped } from '../../../src/cli/diagnose/check.ts';
import { CHECKS } from '../../../src/cli/diagnose/checks.ts';
import { troubleshootingTable } from '../../../src/cli/diagnose/list-checks.ts';
import { chooseRepairs, REPAIRS } from '../../../src/cli/diagnose/repairs.ts';
import type { CheckResult } from '../../../src/cli/diagnose/run-checks.ts';
import { findingsAsJson, isHealthy, sayFindings } from '../../../src/cli/diagnose/say-findings.ts';
import { wrap } from '../../../src/cli/wrap.ts';
import { readTree } from '../../helpers/source-files.ts';

const about = (id: string) => ({
  check: {
    id,
    title: `${id} is well`,
    why: 'Else events come late.',
    remedy: 'Mend it.',
    needs: [],
    run: () => passed([]),
  },
});
const well: CheckResult = { ...about('a.well'), ...passed(['~/a'], 'seen') };
const left: CheckResult = { ...about('b.left'), ...skipped('not wanted') };
const odd: CheckResult = { ...about('c.odd'), ...found('warn', ['~/c'], ['a word'], { say: 'Change the word' }) };
const bad: CheckResult = {
  ...about('d.bad'),
  ...found('fail', ['~/d'], ['it is gone'], { say: 'Put it back', command: 'capsule-kiro install' }),
};

describe('for a person', () => {
  test('the worst comes first, with why it matters and what to do; what is well is one line', () => {
    expect(sayFindings([well, left, odd, bad], { verbose: false }).split('\n')).toEqual([
      'FAIL     d.bad (expected: d.bad is well)',
      '  found  it is gone',
      '  why    Else events come late.',
      '  fix    Put it back',
      '  run    capsule-kiro install',
      '',
      'WARN     c.odd (expected: c.odd is well)',
      '  found  a word',
      '  why    Else events come late.',
      '  fix    Change the word',
      '',
      '2 of 4 checks need you; 1 passed, 1 skipped; see them with: capsule-kiro diagnose -v',
    ]);
  });

  test('who is healthy is told so in a sentence', () => {
    expect(sayFindings([well, left], { verbose: false })).toBe(
      'All is well: 1 check passed; see them with: capsule-kiro diagnose -v\n' +
        'If events are missing all the same, follow one on its way: capsule-kiro diagnose --probe',
    );
    expect(isHealthy([well, left])).toBe(true);
  });

  test('everything is shown on demand, with what was read', () => {
    const said = sayFindings([well, left], { verbose: true });
    expect(said).toContain(
      'ok       a.well: a.well is well\n  found  seen\n  why    Else events come late.\n  read   ~/a',
    );
    expect(said).toContain('skipped  b.left: b.left is well\n  found  not wanted');
  });

  test('a thousand that are alike are a few, and where the rest is', () => {
    const many = { ...odd, evidence: Array.from({ length: 1000 }, (_, n) => `workspace ${n}`) };
    const said = sayFindings([many], { verbose: false });
    expect(said).toContain('and 995 more; all of them: capsule-kiro diagnose -v --only c.odd');
    expect(said.split('\n').length).toBeLessThan(15);
  });

  test.each([80, 120])('nothing is wider than a terminal of %i columns, and texts stay under each other', (width) => {
    const long = { ...odd, evidence: ['word '.repeat(60).trim()] };
    const lines = wrap(sayFindings([long, bad], { verbose: true }), width).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => line.startsWith('         word')).length).toBeGreaterThan(1);
  });
});

test('for a script everything is there, in the order of looking', () => {
  expect(findingsAsJson([well, bad])).toEqual({
    healthy: false,
    summary: { fail: 1, unknown: 0, warn: 0, skip: 0, pass: 1 },
    checks: [
      expect.objectContaining({ id: 'a.well', status: 'pass', fix: null, needs: [] }),
      expect.objectContaining({ id: 'd.bad', fix: { say: 'Put it back', command: 'capsule-kiro install' } }),
    ],
  });
});

describe('repairs', () => {
  test('heal checks that there are, each by one repair', () => {
    const heals = REPAIRS.flatMap((repair) => [...repair.heals]);
    expect(heals.filter((id) => !CHECKS.some((check) => check.id === id))).toEqual([]);
    expect(new Set(heals).size).toBe(heals.length);
  });

  test('are chosen by what is amiss, not by what could not be asked', () => {
    const is = (id: string, finding: CheckResult) => ({ ...finding, ...about(id) });
    const chosen = chooseRepairs(REPAIRS, [is('trust.settings', bad), is('hook.user', odd), is('files.modes', left)]);
    expect(chosen.map(({ id }) => id)).toEqual(['attachments']);
  });
});

test('the README tells every check in the words of diagnose', () => {
  const [readme = ''] = readTree('README.md').values();
  expect(readme).toContain(`\n${troubleshootingTable(CHECKS)}\n`);
});
