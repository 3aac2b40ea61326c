import * as z from 'zod';
import type { Json } from '../core/event.ts';
import type { LocalAnswer, LocalRoutes } from '../relay/local-server.ts';
import type { Outbox } from '../relay/outbox.ts';
import { parseRing, type Ring, unreadableRing } from '../relay/ring.ts';
import type { DaemonState } from './daemon-state.ts';
import type { ProbeAccount } from './follow-probes.ts';

export interface LocalActs {
  now(): Date;
  state(): DaemonState;
  /** Resolves once the ring is durable. */
  ring(ring: Ring): Promise<void>;
  sweep(): Promise<void>;
  stop(): void;
  events: Pick<Outbox, 'told' | 'listen'>;
  probe(id: string): ProbeAccount | undefined;
}

/** What the daemon answers on its socket: the dispatcher's knock and the commands' questions. */
export function localRoutes({ now, state, ring, sweep, stop, events, probe }: LocalActs): LocalRoutes {
  return {
    'POST /v1/ring': async ({ query, body }) => {
      const name = query.get('name') ?? `socket-${now().getTime()}`;
      const time = now().toISOString();
      // Answered before it is acted on: who knocks must not wait for a session to be read.
      await ring(parseRing(name, body, time) ?? unreadableRing(name, time));
      return { status: 200, body: { ok: true } };
    },
    'GET /v1/status': () => ({ status: 200, body: state() as unknown as { [key: string]: Json } }),
    'GET /v1/events': ({ query }) => tellEvents(events, query),
    'GET /v1/probe': ({ query }) => ({ status: 200, body: { probe: probe(query.get('id') ?? '') ?? null } }),
    'POST /v1/sweep': async () => {
      await sweep();
      return { status: 200, body: { ok: true } };
    },
    'POST /v1/stop': () => ({ status: 200, body: { ok: true }, afterwards: stop }),
  };
}

const EventsQuery = z.object({
  what: z.enum(['captured', 'sent']).default('captured'),
  last: z.coerce.number().int().min(0).max(100_000).default(20),
  session: z.string().optional(),
  kind: z.string().optional(),
  follow: z.literal('1').optional(),
});

/** One event a line, as `ToldEvent`: the newest that are known, and with `follow=1` those that come. */
function tellEvents(events: LocalActs['events'], query: URLSearchParams): LocalAnswer {
  const asked = EventsQuery.safeParse(Object.fromEntries(query));
  if (!asked.success) return { status: 400, body: { error: 'the query is not understood' } };
  const { what, follow, ...filter } = asked.data;
  const known = events.told(what, filter);
  const news = what === 'sent' ? 'answered' : 'captured';
  return {
    status: 200,
    body: {},
    follow(send, end) {
      for (const event of known) send(JSON.stringify(event));
      if (follow === undefined) {
        end();
        return () => {};
      }
      return events.listen((happened, told) => {
        if (happened === news) for (const event of told) if (fits(event.json, filter)) send(JSON.stringify(event));
      });
    },
  };
}

function fits(json: string, { session, kind }: { session?: string | undefined; kind?: string | undefined }): boolean {
  if (session === undefined && kind === undefined) return true;
  const event = EventHead.parse(JSON.parse(json));
  return (session ?? event.session.id) === event.session.id && (kind ?? event.kind) === event.kind;
}

const EventHead = z.object({ kind: z.string(), session: z.object({ id: z.string() }) });
