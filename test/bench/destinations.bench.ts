import path from 'node:path';
import type { CapsuleEvent, EventKind } from '../../src/core/event.ts';
import type { Destination } from '../../src/relay/destinations.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { toRequest } from '../../src/relay/otlp/request.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { makeEvent } from '../helpers/portal-events.ts';
import { figure, median, NO_TARGET, timed } from './figures.ts';
import type { Measurement } from './main.ts';
import { inFolder } from './stage.ts';

const TURNS = 300;
const TEXT = 'a'.repeat(1_500);
const KINDS: EventKind[] = [
  'prompt.submitted',
  'agent.responded',
  ...Array.from({ length: 8 }, () => 'tool.invoked' as const),
  'agent.responded',
  'turn.ended',
];

/** What a second destination costs a turn on this machine, the network apart: marks, mapping, acknowledgements. */
export const measurement: Measurement = {
  title: 'Two destinations: a turn of 12 events through the outbox',
  run: () =>
    inFolder(async (folder) => {
      const ways: [string, Destination[]][] = [
        ['the portal alone', ['portal']],
        ['OpenTelemetry alone', ['otlp']],
        ['both', ['portal', 'otlp']],
      ];
      const outboxes = ways.map(([, wanted], n) => {
        const outbox = openOutbox(path.join(folder, String(n), 'agent.db'), () => new Date());
        outbox.want(wanted);
        return outbox;
      });
      const times: number[][] = ways.map(() => []);
      for (let n = 0; n < TURNS; n++) {
        for (const [way, outbox] of outboxes.entries()) {
          const turn = aTurn(`${n}-${way}`);
          times[way]?.push(await timed(() => pass(outbox, turn, ways[way]?.[1] ?? [])));
        }
      }
      for (const outbox of outboxes) outbox.close();
      const first = median(times[0] ?? []);
      const rows = ways.map(([name], way) => {
        const ms = median(times[way] ?? []);
        return [name, `${figure(ms)} ms`, figure(ms / first), ...NO_TARGET];
      });
      return [['to', 'a turn, median', '× the portal alone', 'target', ''], ...rows];
    }),
};

function aTurn(id: string): CapsuleEvent[] {
  const turn = { id, index: 1 };
  return KINDS.map((kind) =>
    'text' in makeEvent(kind).body
      ? makeEvent(kind, { turn, body: { text: TEXT } } as object)
      : makeEvent(kind, { turn }),
  );
}

function pass(outbox: Outbox, events: readonly CapsuleEvent[], wanted: readonly Destination[]): void {
  outbox.commit({ events });
  if (wanted.includes('portal')) outbox.acknowledge(outbox.next(100, 1e6).map(({ id }) => id));
  if (!wanted.includes('otlp')) return;
  const batch = outbox.nextForOtlp(100, 1e6, 1e6);
  toRequest(
    batch.map(({ json }) => JSON.parse(json) as CapsuleEvent),
    { version: '0.1.0', hostName: null },
  );
  outbox.acknowledge(
    batch.map(({ id }) => id),
    'otlp',
  );
}
