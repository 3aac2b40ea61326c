/** What goes to OpenTelemetry in one request, and what waits for its turn's end. */
import { beforeEach, expect, test } from '@jest/globals';
import type { CapsuleEvent, EventKind } from '../../../src/core/event.ts';
import type { Outbox } from '../../../src/relay/outbox.ts';
import { anEvent } from '../../helpers/events.ts';
import { later, open, outboxFile } from '../../helpers/outboxes.ts';

const HALF_HOUR = 30 * 60_000;
let outbox: Outbox;
beforeEach(() => {
  outbox = open(outboxFile());
  outbox.want(['otlp']);
});

const event = (n: number, kind: EventKind, turn: string | null = 'one'): CapsuleEvent =>
  anEvent(n, { kind, turn: turn === null ? null : { id: turn, index: 1 } } as object);
const take = (...events: CapsuleEvent[]) => outbox.commit({ events });
const next = (maxEvents = 100, maxBytes = 1e9) =>
  outbox
    .nextForOtlp(maxEvents, maxBytes, HALF_HOUR)
    .map(({ json }) => (JSON.parse(json) as CapsuleEvent).source.ordinal);
const had = (...numbers: number[]) =>
  outbox.acknowledge(
    numbers.map((n) => anEvent(n).id),
    'otlp',
  );

test('what was said waits for the turn’s end, a tool’s call goes at once; then the turn goes with its end last', () => {
  take(event(1, 'prompt.submitted'), event(2, 'tool.invoked'), event(3, 'agent.responded'));
  expect(next()).toEqual([2]);
  had(2);
  expect(next()).toEqual([]);
  take(event(4, 'turn.ended'), event(5, 'agent.responded'));
  expect(next()).toEqual([1, 3, 5, 4]);
});

test('a turn that goes on holds up no other, nor does one that never ends for longer than half an hour', () => {
  take(event(1, 'prompt.submitted'), event(2, 'prompt.submitted', 'two'), event(3, 'turn.ended', 'two'));
  expect(next()).toEqual([2, 3]);
  had(2, 3);
  later(HALF_HOUR + 1);
  expect(next()).toEqual([1]);
});

test('what was said outside of any turn goes at once', () => {
  take(event(1, 'agent.responded', null));
  expect(next()).toEqual([1]);
});

test('spans and log records do not share a request: the oldest says which goes', () => {
  take(event(1, 'session.started', null), event(2, 'tool.invoked'), event(3, 'capture.gap', null));
  expect(next()).toEqual([1, 3]);
  had(1, 3);
  expect(next()).toEqual([2]);
});

test('a request ends before it grows too large, or with as many as were asked for; the first always comes', () => {
  take(event(1, 'tool.invoked'), event(2, 'tool.invoked'), event(3, 'tool.invoked'));
  expect(next(2)).toEqual([1, 2]);
  expect(next(100, 1)).toEqual([1]);
  had(1);
  expect(next()).toEqual([2, 3]);
});

const aTurn = (from: number, messages: number, turn: string) => [
  ...Array.from({ length: messages }, (_, n) =>
    event(from + n, n === 0 ? 'prompt.submitted' : 'agent.responded', turn),
  ),
  event(from + messages, 'turn.ended', turn),
];
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test('a turn is not torn where a request ends: it begins the next one', () => {
  take(...upTo(1, 98).map((n) => event(n, 'tool.invoked')), ...aTurn(101, 3, 'one'), event(110, 'tool.invoked'));
  expect(next()).toEqual([...upTo(1, 98), 110]);
  had(...upTo(1, 98), 110);
  expect(next()).toEqual([101, 102, 103, 104]);
});

test('a turn of more than a hundred messages goes whole, as far as bytes allow', () => {
  take(...aTurn(1, 150, 'one'), event(200, 'tool.invoked'));
  expect(next()).toEqual(upTo(1, 151));
  const [first] = outbox.nextForOtlp(1, 1, HALF_HOUR);
  const bytes = Buffer.byteLength(first?.json ?? '');
  expect(next(100, bytes * 10).length).toBeLessThan(11);
});

test('where only one may be tried it is none out of a turn, unless nothing else waits', () => {
  take(...aTurn(1, 2, 'one'), event(10, 'tool.invoked'));
  expect(next(1)).toEqual([10]);
  had(10);
  expect(next(1)).toEqual([1]);
  expect(next(2)).toEqual([1, 2]);
});

test('thousands of messages of one open turn hold up nothing behind them', () => {
  take(...Array.from({ length: 1_500 }, (_, n) => event(n + 1, 'agent.responded')), event(2_000, 'tool.invoked'));
  expect(next()).toEqual([2_000]);
});
