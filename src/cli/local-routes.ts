import type { Json } from '../core/event.ts';
import type { LocalRoutes } from '../relay/local-server.ts';
import { parseRing, type Ring, unreadableRing } from '../relay/ring.ts';
import type { DaemonState } from './daemon-state.ts';

export interface LocalActs {
  now(): Date;
  state(): DaemonState;
  ring(ring: Ring): void;
  sweep(): Promise<void>;
  stop(): void;
}

/** What the daemon answers on its socket: the dispatcher's knock and the commands' questions. */
export function localRoutes({ now, state, ring, sweep, stop }: LocalActs): LocalRoutes {
  return {
    'POST /v1/ring': ({ query, body }) => {
      const name = query.get('name') ?? `socket-${now().getTime()}`;
      const time = now().toISOString();
      // Answered before it is acted on: who knocks must not wait for a session to be read.
      ring(parseRing(name, body, time) ?? unreadableRing(name, time));
      return { status: 200, body: { ok: true } };
    },
    'GET /v1/status': () => ({ status: 200, body: state() as unknown as { [key: string]: Json } }),
    'POST /v1/sweep': async () => {
      await sweep();
      return { status: 200, body: { ok: true } };
    },
    'POST /v1/stop': () => ({ status: 200, body: { ok: true }, afterwards: stop }),
  };
}
