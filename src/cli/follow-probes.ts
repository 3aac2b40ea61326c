/** Where the probes of `diagnose --probe` have got to, as the daemon sees them. Kept in memory: a probe lasts seconds. */
import * as z from 'zod';
import type { DeviceRef } from '../core/event.ts';
import type { DeliveryOutbox } from '../relay/delivery.ts';
import { DESTINATIONS } from '../relay/destinations.ts';
import type { Outbox } from '../relay/outbox.ts';
import type { Waiting } from '../relay/outbox-rows.ts';
import { makeProbe } from '../relay/probe.ts';
import type { Ring } from '../relay/ring.ts';

/** When each step was reached, ISO 8601; null: not yet. What `GET /v1/probe?id=` answers. */
export const ProbeAccount = z.object({
  /** The daemon has the ring, by way of the folder or of the socket. */
  rang: z.string(),
  door: z.enum(['folder', 'socket']),
  /** Durable in the outbox. */
  kept: z.string(),
  /** To whom it goes; a daemon of an older version knows the portal alone. */
  to: z.enum(DESTINATIONS).default('portal'),
  /** First put into a request. */
  sending: z.string().nullable(),
  answered: z.string().nullable(),
  /** `accepted`, or the code of the refusal. */
  answer: z.string().nullable(),
});
export type ProbeAccount = z.infer<typeof ProbeAccount>;

/** Anybody can leave a ring: so many probes a minute are heeded. */
const MAX_A_MINUTE = 10;
const MINUTE_MS = 60_000;

export interface ProbeNeeds {
  now(): Date;
  outbox: Outbox;
  device(): DeviceRef;
  /** A probe waits in the outbox; a person waits for it. */
  added(): void;
}

export interface FollowedProbes {
  take(id: string, ring: Ring, door: ProbeAccount['door']): void;
  account(id: string): ProbeAccount | undefined;
  /** The outbox as a delivery is to use it, so that probes are seen to leave. */
  watching(outbox: DeliveryOutbox): DeliveryOutbox;
}

/** Takes probes in as the rings of a hook are, and notes how far each gets. */
export function followProbes({ now, outbox, device, added }: ProbeNeeds): FollowedProbes {
  const accounts = new Map<string, ProbeAccount>();
  const time = () => now().toISOString();
  const note = (id: string, more: Partial<ProbeAccount>) => {
    const account = accounts.get(id);
    if (account !== undefined) Object.assign(account, more);
  };
  const noteSending = (batch: Waiting[]): Waiting[] => {
    if (accounts.size > 0)
      for (const { id } of batch) if (accounts.get(id)?.sending === null) note(id, { sending: time() });
    return batch;
  };
  const forgetOld = () => {
    for (const [id, { rang }] of accounts) {
      if (Math.abs(now().getTime() - Date.parse(rang)) > MINUTE_MS) accounts.delete(id);
    }
  };
  return {
    take(id, ring, door) {
      forgetOld();
      if (accounts.has(id) || accounts.size >= MAX_A_MINUTE) return;
      const rang = time();
      const to = outbox.commitProbe(makeProbe(id, ring, device()));
      accounts.set(id, { rang, door, kept: time(), to, sending: null, answered: null, answer: null });
      added();
    },
    account: (id) => accounts.get(id),
    watching: (end) => ({
      next: (...limits) => noteSending(end.next(...limits)),
      ...(end.nextAfter && { nextAfter: (...limits) => noteSending(end.nextAfter?.(...limits) ?? []) }),
      acknowledge(ids) {
        end.acknowledge(ids);
        for (const id of ids) note(id, { answered: time(), answer: 'accepted' });
      },
      replace: (id, json) => end.replace(id, json),
      reject(refusals) {
        end.reject(refusals);
        for (const { id, code } of refusals) note(id, { answered: time(), answer: code });
      },
    }),
  };
}
