import { expect, test } from '@jest/globals';
import { sayCapture } from '../../src/cli/say-capture.ts';
import { aState } from '../helpers/daemon-state.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const { capture } = aState();

test('nothing is said of what there is not', () => {
  expect(sayCapture(capture, NOW)).toEqual([]);
});

test('turns are summed up over folders, today and in the week', () => {
  const coverage = [
    { day: '2026-09-03', workspace: '/a', seen: 2, rings: 1, delivered: 2 },
    { day: '2026-09-03', workspace: null, seen: 1, rings: 0, delivered: 0 },
    { day: '2026-09-02', workspace: '/a', seen: 4, rings: 4, delivered: 4 },
  ];
  expect(sayCapture({ ...capture, coverage }, NOW)).toEqual([
    ['Turns', 'today 3 recorded by Kiro, 1 ring, 2 delivered; 7 days 7 recorded by Kiro, 5 rings, 6 delivered'],
  ]);
});

test('the most frequent unknown names are shown, and how far back-fill is', () => {
  const unknown = { a: 1, b: 7, c: 2, d: 2, e: 2, f: 2, g: 1 };
  const backfill = { days: 30, since: '2026-08-04T12:00:00.000Z', sessions: 9, filled: 4 };
  expect(sayCapture({ ...capture, unknown, backfill }, NOW)).toEqual([
    ['Back-fill', '4 of 9 older sessions taken in, 30 days back'],
    ['Not shown', 'of Kiro’s, records without an event: b 7, c 2, d 2, e 2, f 2 and 2 more kinds'],
  ]);
});

test('unknown fields and files are told apart from records, and what cannot be read is said', () => {
  const unknown = {
    future_payload: 2,
    'assistant Summary': 1,
    'tool_call.newField': 3,
    '.extra': 1,
    'file cache-*.db': 1,
  };
  expect(sayCapture({ ...capture, unknown, skippedLines: 1 }, NOW)).toEqual([
    [
      'Not shown',
      'of Kiro’s, records without an event: future_payload 2, assistant Summary 1; fields that are not known: tool_call.newField 3, .extra 1; files that are not known: cache-*.db 1',
    ],
    ['Not read', '1 record of Kiro’s, malformed or too long'],
  ]);
});
