import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { besideOf, type Lane, laneBy } from '../../../src/portal/web/timeline/lanes.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

const at = (second: number) => ({ time: new Date(Date.UTC(2026, 8, 3, 12, 0, second)).toISOString() });
const start = (id: string, second: number) =>
  makeEvent('tool.invoked', { ...at(second), body: { name: 'invoke_sub_agent', subAgent: { id, name: id } } });
const call = (id: string, second: number) =>
  makeEvent('tool.invoked', { ...at(second), body: { subAgent: { id, name: id } } });
const said = (id: string, second: number) =>
  makeEvent('agent.responded', { ...at(second), body: { text: 'x', subAgent: { id, name: null } } });
const isLane = (item: ReturnType<typeof laneBy>[number]): item is Lane => 'events' in item;

test('what a sub-agent did stands behind the call that started it, whatever happened meanwhile', () => {
  const own = makeEvent('agent.responded', at(9));
  const [a, b, a1, b1, a2] = [start('a', 1), start('b', 2), call('a', 3), said('b', 4), said('a', 5)];
  const items = laneBy([a, b, a1, b1, a2, own]);
  expect(items.map((item) => (isLane(item) ? item.events : item))).toEqual([a, [a1, a2], b, [b1], own]);
});

test('sub-agents that ran at the same time name each other, and those that ran after one another do not', () => {
  const items = laneBy([call('a', 1), call('a', 5), call('b', 3), call('b', 8), call('c', 9), call('c', 10)]);
  const lanes = items.filter(isLane);
  expect(lanes.map((lane) => besideOf(lane, items).map(({ id }) => id))).toEqual([['b'], ['a'], []]);
});

test('every event is shown exactly once', () => {
  const events = fc.array(
    fc.oneof(
      fc.constant(0).map(() => makeEvent('agent.responded')),
      fc.constantFrom('a', 'b').map((id) => start(id, 1)),
      fc.constantFrom('a', 'b').map((id) => call(id, 1)),
    ),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(events, (given) => {
      const shown = laneBy(given).flatMap((item) => (isLane(item) ? item.events : [item]));
      expect(shown.map(({ id }) => id).sort()).toEqual(given.map(({ id }) => id).sort());
    }),
  );
});
