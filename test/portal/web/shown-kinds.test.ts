import { expect, test } from '@jest/globals';
import type { TimelineEntry } from '../../../src/portal/answers.ts';
import {
  chosenActivities,
  onlyChosen,
  withActivities,
  withActivity,
} from '../../../src/portal/web/timeline/shown-kinds.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

test.each([
  ['', []],
  ['?list=activity%3Dtool%26activity%3Dprompt%26user%3Ddev', ['prompt', 'tool']],
  ['?list=activity%3D-tool', []],
  ['?list=activity%3Dtool&show=response', ['response']],
  ['?list=activity%3Dtool&show=all', []],
  ['?show=nonsense&show=tool', ['tool']],
])('a timeline at %j shows %j, and everything where that is nothing', (search, chosen) => {
  expect(chosenActivities(search)).toEqual(chosen);
});

test('turning one on or off keeps the others and the rest of the address; with the last one everything shows', () => {
  const list = '?list=activity%3Dtool&e=x';
  expect(chosenActivities(withActivity(list, 'prompt', true))).toEqual(['prompt', 'tool']);
  expect(new URLSearchParams(withActivity(list, 'prompt', true)).get('e')).toBe('x');
  expect(withActivity(list, 'tool', false)).toBe('?list=activity%3Dtool&e=x&show=all');
  expect(chosenActivities(withActivities(list, []))).toEqual([]);
});

test('of a turn only the chosen kinds show; what was lost and what the address names always do; the rest is counted', () => {
  const events = [
    makeEvent('prompt.submitted', { id: 'prompt' }),
    makeEvent('tool.invoked', { id: 'tool' }),
    makeEvent('agent.responded', { id: 'answer' }),
    makeEvent('capture.gap', { id: 'gap' }),
  ];
  const turn = { id: 't' } as TimelineEntry['turn'];
  const entries: TimelineEntry[] = [
    { turn, events, omitted: 0 },
    { turn: null, events: [makeEvent('session.started', { id: 'start' })], omitted: 0 },
  ];
  const shown = onlyChosen(entries, ['tool'], 'answer');
  expect(shown.entries.map((entry) => entry.events.map(({ id }) => id))).toEqual([['tool', 'answer', 'gap']]);
  expect(shown.hidden).toBe(2);
  expect(onlyChosen(entries, [], null)).toEqual({ entries, hidden: 0 });
});
