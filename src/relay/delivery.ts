/**
 * Sends what waits in the outbox, oldest first, one request at a time, until the portal has acknowledged it.
 * Nothing is removed for any answer but an acknowledgement or a refusal of that very event.
 */
import type { Credential } from './credential.ts';
import type { Outbox, Waiting } from './outbox.ts';
import type { AskPortal } from './portal-client.ts';
import { nextDelay, retryAfter } from './retry.ts';
import { judge, type Verdict } from './verdict.ts';

const MAX_EVENTS = 100;
const MAX_BYTES = 1024 * 1024;

export interface DeliveryState {
  /** `unset`: no credential yet. `held`: a person must act, or an hour must pass. */
  state: 'idle' | 'sending' | 'waiting' | 'held' | 'unset';
  why: string | null;
  nextTry: string | null;
  attempts: number;
  /** Since the daemon's start. */
  delivered: number;
  lastDelivery: string | null;
}

export interface DeliveryNeeds {
  outbox: Outbox;
  ask: AskPortal;
  credential(): Credential | undefined;
  caFile(): string | null;
  now(): Date;
  random(): number;
  /** Calls back after `ms`; answers a function that forgets it. */
  later(ms: number, then: () => void): () => void;
  changed(): void;
}

export interface Delivery {
  /** There is something to send, or what held it back may be over. */
  wake(reason: 'events' | 'credential' | 'now'): void;
  state(): DeliveryState;
  /** Lets the request under way finish. */
  stop(): Promise<void>;
}

export function startDelivery(needs: DeliveryNeeds): Delivery {
  const { outbox, now } = needs;
  const current: DeliveryState = {
    state: 'idle',
    why: null,
    nextTry: null,
    attempts: 0,
    delivered: 0,
    lastDelivery: null,
  };
  let maxEvents = MAX_EVENTS;
  /** How many events at the head of the queue are known to hold one that the portal cannot take. */
  let suspects = 0;
  let running: Promise<void> | undefined;
  let again = false;
  let forget = () => {};
  let stopped = false;

  const become = (state: DeliveryState['state'], why: string | null, waitMs: number | null = null) => {
    current.state = state;
    current.why = why;
    current.nextTry = waitMs === null ? null : new Date(now().getTime() + waitMs).toISOString();
    forget();
    forget = waitMs === null ? () => {} : needs.later(waitMs, start);
    needs.changed();
  };

  /** A try that is asked for while one is ending must not be lost. */
  const start = () => {
    again = running !== undefined;
    if (stopped || again) return;
    running = send().finally(() => {
      running = undefined;
      if (again) start();
    });
  };

  const send = async () => {
    while (!stopped) {
      const batch = outbox.next(suspects === 0 ? maxEvents : Math.ceil(suspects / 2), MAX_BYTES);
      if (batch.length === 0) return become('idle', null);
      const credential = needs.credential();
      if (credential === undefined) return become('unset', 'this device has not enrolled at a portal yet');
      if (current.state !== 'sending') become('sending', null);
      const answer = await needs.ask({
        portal: credential.portal,
        path: '/v1/events',
        secret: credential.token,
        body: `{"events":[${batch.map(({ json }) => json).join(',')}]}`,
        caFile: needs.caFile(),
      });
      if (!apply(judge(answer), batch)) return;
    }
  };

  /** Whether to go on at once. */
  const apply = (verdict: Verdict, batch: readonly Waiting[]): boolean => {
    switch (verdict.act) {
      case 'acknowledge':
        acknowledge(batch, verdict.rejected);
        return true;
      case 'hold':
        current.attempts += 1;
        become('held', verdict.why, verdict.forMs);
        return false;
      case 'retry': {
        current.attempts += 1;
        const asked = retryAfter(verdict.retryAfter, now());
        become('waiting', verdict.why, nextDelay(current.attempts, needs.random(), asked));
        return false;
      }
      case 'shrink':
        if (batch.length === 1) giveUp(batch, verdict);
        else maxEvents = Math.ceil(batch.length / 2);
        return true;
      case 'halve':
        if (batch.length === 1) giveUp(batch, verdict);
        suspects = batch.length === 1 ? 0 : batch.length;
        return true;
    }
  };

  const giveUp = (batch: readonly Waiting[], { code, why }: { code: string; why: string }) => {
    outbox.reject(batch.map(({ id }) => ({ id, code, message: why })));
  };

  const acknowledge = (
    batch: readonly Waiting[],
    refusals: readonly { id: string; code: string; message: string }[],
  ) => {
    const refused = new Set(refusals.map(({ id }) => id));
    const ours = new Set(batch.map(({ id }) => id));
    const sent = batch.filter(({ id }) => !refused.has(id));
    outbox.reject(refusals.filter(({ id }) => ours.has(id)));
    outbox.acknowledge(sent.map(({ id }) => id));
    suspects = Math.max(0, suspects - batch.length);
    current.attempts = 0;
    current.delivered += sent.length;
    current.lastDelivery = now().toISOString();
  };

  return {
    wake(reason) {
      const held = current.state === 'held' || current.state === 'waiting';
      if (held && reason === 'events') return;
      start();
    },
    state: () => ({ ...current }),
    async stop() {
      stopped = true;
      forget();
      await running;
    },
  };
}
