import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Check, type Finding, found, passed, skipped } from '../../../src/cli/diagnose/check.ts';
import { CHECKS } from '../../../src/cli/diagnose/checks.ts';
import type { Facts } from '../../../src/cli/diagnose/gather-facts.ts';
import { chooseChecks, inOrder, runChecks } from '../../../src/cli/diagnose/run-checks.ts';
import { Failure } from '../../../src/core/failure.ts';
import { tempHost } from '../../helpers/temp-home.ts';

const FIX = { say: 'Put it right' };
const failed = (evidence = 'broken') => found('fail', [], [evidence], FIX);

function check(id: string, needs: string[] = [], run: () => Finding = () => passed([])): Check {
  return { id, title: `${id} is well`, why: 'Because.', remedy: 'Mend it.', needs, run };
}

/** No check here asks for any. */
const NO_FACTS = {} as Facts;
const statuses = async (...checks: Check[]) =>
  (await runChecks(tempHost(), checks, NO_FACTS)).map((result) => [result.check.id, result.status, ...result.evidence]);

describe('checks', () => {
  test('come after what they need, else in the order given', () => {
    const order = inOrder([check('a', ['c']), check('b'), check('c')]).map(({ id }) => id);
    expect(order).toEqual(['c', 'a', 'b']);
  });

  test('that need each other, or what is no check, are a mistake of ours', () => {
    expect(() => inOrder([check('a', ['b']), check('b', ['a'])])).toThrow('a → b → a');
    expect(() => inOrder([check('a', ['z'])])).toThrow('a needs z, which is no check');
  });

  test('are all there and after their needs, whatever is given', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 12 });
    fc.assert(
      fc.property(ids, fc.infiniteStream(fc.nat()), (names, numbers) => {
        // Needing only earlier names makes no circle; the list is then turned round.
        const needs = (index: number) => names.filter((_, at) => at < index && Number(numbers.next().value) % 3 === 0);
        const checks = names.map((name, index) => check(name, needs(index))).reverse();
        const order = inOrder(checks);
        expect(order.map(({ id }) => id).toSorted()).toEqual(names.toSorted());
        for (const [at, { needs: needed }] of order.entries())
          for (const id of needed) expect(order.findIndex((each) => each.id === id)).toBeLessThan(at);
      }),
    );
  });

  test('whose cause failed are skipped with the first cause named, and so is what needs those', async () => {
    const never = () => {
      throw new Error('it was asked');
    };
    expect(
      await statuses(
        check('a', [], () => failed()),
        check('b', ['a'], never),
        check('c', ['b'], never),
      ),
    ).toEqual([
      ['a', 'fail', 'broken'],
      ['b', 'skip', 'a failed, see there'],
      ['c', 'skip', 'a failed, see there'],
    ]);
  });

  test('are asked although what they need was only warned of, not asked, or unknown', async () => {
    const said = await statuses(
      check('a', [], () => found('warn', [], [], FIX)),
      check('b', [], () => skipped('not wanted')),
      check('c', ['a', 'b']),
    );
    expect(said.at(-1)).toEqual(['c', 'pass']);
  });

  test('that cannot look are unknown, with the hint as the way out; a bug passes', async () => {
    const busy = new Failure('attachments-busy', 'Another one works', { hint: 'Wait for it' });
    const host = tempHost();
    const throwing = (error: Error) =>
      check('a', [], () => {
        throw error;
      });
    const [result] = await runChecks(host, [throwing(busy)], NO_FACTS);
    expect(result).toMatchObject({ status: 'unknown', evidence: ['Another one works'], fix: { say: 'Wait for it' } });
    const system = Object.assign(new Error('EACCES: not for you'), { code: 'EACCES' });
    expect(await statuses(throwing(system))).toEqual([['a', 'unknown', 'EACCES: not for you']]);
    await expect(runChecks(host, [throwing(new TypeError('a bug'))], NO_FACTS)).rejects.toThrow('a bug');
  });

  test('name no home folder', async () => {
    const host = tempHost();
    const file = `${host.home}/x`;
    const bad = check('a', [], () => found('fail', [file], [`${file} is gone`], { say: `See ${file}`, command: file }));
    const [result] = await runChecks(host, [bad], NO_FACTS);
    expect(result).toMatchObject({ read: ['~/x'], evidence: ['~/x is gone'], fix: { say: 'See ~/x', command: '~/x' } });
  });

  test('are chosen by id or by what several begin with, along with what they need', () => {
    const all = [check('a.one'), check('a.two', ['b.one']), check('b.one', ['c']), check('c'), check('ab')];
    const chosen = chooseChecks(all, ['a']);
    expect(chosen.run.map(({ id }) => id)).toEqual(['a.one', 'a.two', 'b.one', 'c']);
    expect([...chosen.show]).toEqual(['a.one', 'a.two']);
    expect(chooseChecks(all, ['nothing']).show.size).toBe(0);
  });
});

describe('our own', () => {
  test('can be put in order, have ids of two words, and say everything as sentences do', () => {
    expect(inOrder(CHECKS)).toHaveLength(CHECKS.length);
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
    for (const { id, title, why, remedy } of CHECKS) {
      expect(id).toMatch(/^[a-z]+\.[a-z]+$/);
      expect(title).not.toMatch(/\.$/);
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*[.:]$/);
    }
  });
});
