import { Gauge, type Registry } from 'prom-client';
import type { PortalStore } from '../store/store.ts';

/** How streams fare, asked when somebody looks: one of each for every stream, by its id. What is the store's is the same at each replica. */
export function streamGauges(
  registers: Registry[],
): (streams: PortalStore['streams'], org: string, now: Date) => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['stream'], registers });
  const sent = gauge('capsule_stream_messages', 'Messages that arrived since the stream was made');
  const behind = gauge('capsule_stream_behind', 'Events and detections it has not come to, counted to 10,000 of each');
  const oldest = gauge('capsule_stream_oldest_seconds', 'Age of the first of these; 0 for none');
  const missed = gauge('capsule_stream_missed', 'Events that retention removed before the stream came to them');
  const tries = gauge('capsule_stream_failed_tries', 'How often it failed since it last arrived');
  const on = gauge('capsule_stream_on', '1, or 0 for one that is switched off');
  return async (streams, org, now) => {
    // One that was removed is told of no more.
    for (const each of [sent, behind, oldest, missed, tries, on]) each.reset();
    for (const { id: stream, ...state } of await streams.list(org)) {
      const since = state.waitingSince === null ? now.getTime() : Date.parse(state.waitingSince);
      sent.set({ stream }, state.sent);
      behind.set({ stream }, state.behind);
      oldest.set({ stream }, Math.max(0, (now.getTime() - since) / 1000));
      missed.set({ stream }, state.missed);
      tries.set({ stream }, state.tries);
      on.set({ stream }, state.enabled ? 1 : 0);
    }
  };
}
