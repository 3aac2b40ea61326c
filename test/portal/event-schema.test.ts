import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_KINDS } from '../../src/core/event.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { everyKind, makeEvent } from '../helpers/portal-events.ts';

test('every kind has a good event', () => {
  const events = everyKind();
  expect(events.map(({ kind }) => kind).sort()).toEqual([...EVENT_KINDS].sort());
  for (const event of events) expect(checkEvent(event)).toEqual({ event });
});

test('an answer and a thought may be a sub-agent’s', () => {
  const subAgent = { id: 'run-1', name: null };
  const said = makeEvent('agent.responded', { body: { text: 'Found it', subAgent } });
  const thought = makeEvent('agent.reasoned', { body: { text: null, withheld: true, subAgent } });
  for (const event of [said, thought]) expect(checkEvent(event)).toEqual({ event });
  expect(checkEvent({ ...said, body: { text: '', subAgent: { name: 'gatherer' } } })).toHaveProperty('unfit');
});

test('no value whatever makes it throw, and whatever is let through has what lists are read from', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (value) => {
      expect(checkEvent(value)).toHaveProperty('unfit');
    }),
  );
});

describe('an event is refused, by the name of its field, when', () => {
  const event = makeEvent('tool.invoked');
  const { result: _result, ...withoutResult } = event.body;
  test.each<[string, unknown, string]>([
    ['its id has spaces', { ...event, id: 'a b' }, 'id'],
    ['its id is endless', { ...event, id: 'x'.repeat(201) }, 'id'],
    ['its time has no milliseconds', { ...event, time: '2026-09-03T12:00:00Z' }, 'time'],
    ['its time is not UTC', { ...event, time: '2026-09-03T12:00:00.000+02:00' }, 'time'],
    ['its time is no time', { ...event, time: '2026-02-30T12:00:00.000Z' }, 'time'],
    ['its ordinal is negative', { ...event, source: { ...event.source, ordinal: -1 } }, 'source.ordinal'],
    ['its session is missing', { ...event, session: undefined }, 'session'],
    ['its result is missing rather than null', { ...event, body: withoutResult }, 'body.result'],
    ['its exit code is a text', { ...event, body: { ...event.body, exitCode: '1' } }, 'body.exitCode'],
  ])('%s', (_what, value, field) => {
    const checked = checkEvent(value);
    expect('unfit' in checked && checked.unfit.message.split(':')[0]).toBe(field);
  });

  test('and the reason does not repeat what was sent', () => {
    const checked = checkEvent({ ...event, session: { ...event.session, generation: 'sk-secret' }, body: 'sk-secret' });
    expect(JSON.stringify(checked)).not.toContain('sk-secret');
  });
});

test('a gap that nobody could count is taken as it is', () => {
  const gap = makeEvent('capture.gap');
  const uncounted = { ...gap, body: { ...gap.body, count: null } };
  expect(checkEvent(uncounted)).toEqual({ event: uncounted });
});
