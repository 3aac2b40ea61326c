import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FAILURE_CODES, Failure, describe as sentence, systemCode } from '../../src/core/failure.ts';

const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a failure', () => {
  test('carries its code, hint and cause, and is an error', () => {
    const cause = new Error('EACCES');
    const failure = new Failure('file-unwritable', '/a cannot be written', { hint: 'Check it.', cause });
    expect(failure).toBeInstanceOf(Error);
    expect({ ...failure, message: failure.message, cause: failure.cause }).toEqual({
      name: 'Failure',
      code: 'file-unwritable',
      message: '/a cannot be written',
      hint: 'Check it.',
      cause,
    });
  });

  test('without hint and cause has neither', () => {
    const failure = new Failure('usage', 'What?');
    expect(failure.hint).toBeUndefined();
    expect('cause' in failure).toBe(false);
  });

  test('has a code that is listed with a sentence', () => {
    for (const [code, meaning] of Object.entries(FAILURE_CODES)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('what was thrown', () => {
  test.each([
    ['a system error', thrown(() => readFileSync('/no/such/file')), 'ENOENT', /no such file/],
    [
      'a system error of another realm',
      runInNewContext('Object.assign(new Error("gone"), { code: "EIO" })'),
      'EIO',
      /gone/,
    ],
    ['an error', new Error('it broke'), undefined, /^it broke$/],
    ['a failure', new Failure('usage', 'What?'), 'usage', /^What\?$/],
    ['a number as code', { code: 5, message: 'five' }, undefined, /^five$/],
    ['a text', 'text', undefined, /^text$/],
    ['nothing', undefined, undefined, /^undefined$/],
    ['null', null, undefined, /^null$/],
  ])('%s is told by its code and in one sentence', (_, error, code, words) => {
    expect(systemCode(error)).toBe(code);
    expect(sentence(error)).toMatch(words);
  });

  test('can be anything without a second error', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (error) => {
        expect(typeof sentence(error)).toBe('string');
        systemCode(error);
      }),
    );
  });
});
