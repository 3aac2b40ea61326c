import { expect, test } from '@jest/globals';
import { ago, bytes, count } from '../../src/cli/say.ts';
import { changesAsJson, sayChanges, withTilde } from '../../src/cli/say-changes.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Change } from '../../src/kiro/change.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');

test.each([
  [null, 'never'],
  ['2026-09-03T12:00:00.000Z', 'just now'],
  ['2026-09-03T12:00:30.000Z', 'just now'],
  ['2026-09-03T11:59:59.000Z', '1 second ago'],
  ['2026-09-03T11:59:01.000Z', '59 seconds ago'],
  ['2026-09-03T11:59:00.000Z', '1 minute ago'],
  ['2026-09-03T09:00:01.000Z', '2 hours ago'],
  ['2026-09-01T11:00:00.000Z', '2 days ago'],
])('%s was %s', (time, words) => {
  expect(ago(time, NOW)).toBe(words);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1024 * 1024 - 1, '1024 KiB'],
  [209_715_200, '200 MiB'],
])('%i bytes are %s', (n, words) => {
  expect(bytes(n)).toBe(words);
});

test('one is one, and none are many', () => {
  expect([0, 1, 2].map((n) => count(n, 'event'))).toEqual(['0 events', '1 event', '2 events']);
});

test.each([
  ['/home/dev', '~'],
  ['/home/dev/.kiro', '~/.kiro'],
  ['/home/developer/.kiro', '/home/developer/.kiro'],
  ['/etc/hosts', '/etc/hosts'],
])('%s is written %s', (file, words) => {
  expect(withTilde(file, '/home/dev')).toBe(words);
});

test('each change is one line, and what failed has one more with what to do', () => {
  const failure = new Failure('file-unparsable', 'it does not parse', { hint: 'Correct line 3.' });
  const base = { step: 'trust', file: '/home/dev/settings.json', detail: '', failure: null } as const;
  const changes: Change[] = [
    { ...base, result: 'done' },
    { ...base, result: 'already', detail: 'as it should be' },
    { ...base, result: 'failed', detail: 'it does not parse', failure },
  ];
  expect(sayChanges(changes, '/home/dev')).toEqual([
    '  + trusted command      ~/settings.json',
    '  = trusted command      ~/settings.json  (as it should be)',
    '  ! trusted command      ~/settings.json  (it does not parse)',
    '    Correct line 3.',
  ]);
  expect(changesAsJson(changes)).toMatchObject([
    { result: 'done', error: null },
    { result: 'already' },
    { result: 'failed', error: { code: 'file-unparsable', message: 'it does not parse', hint: 'Correct line 3.' } },
  ]);
});
