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

/** One portal's delivery. Throws nothing: what goes wrong is in `state()` and tried again. */
export class Delivery {
  readonly #needs: DeliveryNeeds;
  readonly #current: DeliveryState = {
    state: 'idle',
    why: null,
    nextTry: null,
    attempts: 0,
    delivered: 0,
    lastDelivery: null,
  };
  #maxEvents = MAX_EVENTS;
  /** How many events at the head of the queue are known to hold one that the portal cannot take. */
  #suspects = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #forget = () => {};

  constructor(needs: DeliveryNeeds) {
    this.#needs = needs;
  }

  /** There is something to send, or what held it back may be over. New events alone do not cut a wait short. */
  wake(reason: 'events' | 'credential' | 'now'): void {
    const waits = this.#current.state === 'held' || this.#current.state === 'waiting';
    if (reason !== 'events' || !waits) this.#start();
  }

  state(): DeliveryState {
    return { ...this.#current };
  }

  /** Lets the request under way finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forget();
    await this.#running;
  }

  /** A try that is asked for while one is ending must not be lost. */
  #start(): void {
    this.#again = this.#running !== undefined;
    if (this.#stopped || this.#again) return;
    this.#running = this.#send().finally(() => {
      this.#running = undefined;
      if (this.#again) this.#start();
    });
  }

  async #send(): Promise<void> {
    const { outbox, credential: readCredential, ask, caFile } = this.#needs;
    while (!this.#stopped) {
      const batch = outbox.next(this.#suspects === 0 ? this.#maxEvents : Math.ceil(this.#suspects / 2), MAX_BYTES);
      if (batch.length === 0) return this.#become('idle', null);
      const credential = readCredential();
      if (credential === undefined) return this.#become('unset', 'this device has not enrolled at a portal yet');
      if (this.#current.state !== 'sending') this.#become('sending', null);
      const answer = await ask({
        portal: credential.portal,
        path: '/v1/events',
        secret: credential.token,
        body: `{"events":[${batch.map(({ json }) => json).join(',')}]}`,
        caFile: caFile(),
      });
      if (!this.#apply(judge(answer), batch)) return;
    }
  }

  /** Whether to go on at once. */
  #apply(verdict: Verdict, batch: readonly Waiting[]): boolean {
    switch (verdict.act) {
      case 'acknowledge':
        this.#acknowledge(batch, verdict.rejected);
        return true;
      case 'hold':
        this.#current.attempts += 1;
        this.#become('held', verdict.why, verdict.forMs);
        return false;
      case 'retry':
        this.#retry(verdict.why, verdict.retryAfter);
        return false;
      case 'shrink':
        if (batch.length === 1) this.#giveUp(batch, verdict);
        else this.#maxEvents = Math.ceil(batch.length / 2);
        return true;
      case 'halve':
        if (batch.length === 1) this.#giveUp(batch, verdict);
        this.#suspects = batch.length === 1 ? 0 : batch.length;
        return true;
    }
  }

  #acknowledge(batch: readonly Waiting[], refusals: readonly { id: string; code: string; message: string }[]): void {
    const refused = new Set(refusals.map(({ id }) => id));
    const ours = new Set(batch.map(({ id }) => id));
    const sent = batch.filter(({ id }) => !refused.has(id));
    this.#needs.outbox.reject(refusals.filter(({ id }) => ours.has(id)));
    this.#needs.outbox.acknowledge(sent.map(({ id }) => id));
    this.#suspects = Math.max(0, this.#suspects - batch.length);
    this.#current.attempts = 0;
    this.#current.delivered += sent.length;
    this.#current.lastDelivery = this.#needs.now().toISOString();
  }

  #retry(why: string, retryAfterHeader: string | undefined): void {
    const { now, random } = this.#needs;
    this.#current.attempts += 1;
    const asked = retryAfter(retryAfterHeader, now());
    this.#become('waiting', why, nextDelay(this.#current.attempts, random(), asked));
  }

  #giveUp(batch: readonly Waiting[], { code, why }: { code: string; why: string }): void {
    this.#needs.outbox.reject(batch.map(({ id }) => ({ id, code, message: why })));
  }

  #become(state: DeliveryState['state'], why: string | null, waitMs: number | null = null): void {
    const nextTry = waitMs === null ? null : new Date(this.#needs.now().getTime() + waitMs).toISOString();
    Object.assign(this.#current, { state, why, nextTry });
    this.#forget();
    this.#forget = waitMs === null ? () => {} : this.#needs.later(waitMs, () => this.#start());
    this.#needs.changed();
  }
}
