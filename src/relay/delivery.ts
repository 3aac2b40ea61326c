/**
 * Sends what waits in the outbox for one destination, oldest first, one request at a time, until it is acknowledged there.
 * Nothing is removed for any answer but an acknowledgement or a refusal of that very event.
 */
import { describe } from '../core/failure.ts';
import type { Outbox } from './outbox.ts';
import type { Waiting } from './outbox-rows.ts';
import { isProbing, nextDelay, retryAfter } from './retry.ts';
import type { Verdict } from './verdict.ts';

const MAX_EVENTS = 100;
const MAX_BYTES = 1024 * 1024;
/** So many are acknowledged before others have their turn: about a millisecond's work, where a hundred are five. */
const PORTION = 25;
/** A disk that is full now may be emptied in a minute. */
const OUTBOX_TROUBLE_MS = 60_000;

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

/** How one destination is spoken to. */
export interface Sender {
  /** Why nothing can be sent yet; null when it can. */
  unset(): string | null;
  /** Never throws. */
  send(batch: readonly Waiting[]): Promise<Verdict>;
  /** After a `renew`: whether there is something better now than what was refused. */
  renewed(): Promise<boolean>;
}

/** The outbox as one destination sees it. */
export type DeliveryOutbox = Pick<Outbox, 'next' | 'acknowledge' | 'reject' | 'replace'> &
  /** Where what follows a batch can be told before the batch is gone. */
  Partial<Pick<Outbox, 'nextAfter'>>;

export interface DeliveryNeeds {
  outbox: DeliveryOutbox;
  sender: Sender;
  /** A shorter text of an event that does not fit through; undefined when it cannot be any shorter. */
  shorten(json: string): string | undefined;
  now(): Date;
  /** By the destination's clock. */
  theirNow(): Date;
  random(): number;
  /** Calls back after `ms`; answers a function that forgets it. */
  later(ms: number, then: () => void): () => void;
  /** Asked between steps, none of which is long: resolves once those that somebody waits for have had their turn. */
  turn(): Promise<void>;
  changed(): void;
}

/** One destination's delivery. Throws nothing: what goes wrong is in `state()` and tried again. */
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
  /** Whatever refuses what is too large counts bytes. */
  #maxBytes = MAX_BYTES;
  /** How many events at the head of the queue are known to hold one that cannot be taken. */
  #suspects = 0;
  /** The last event of a batch that got no clear answer: it goes out again as it was. */
  #unanswered: number | undefined;
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

  /** Resolves once nothing is being sent: all is delivered, or waits for another try. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Sends no more. Resolves when the request under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forget();
    await this.#running;
  }

  /** A try that is asked for while one is ending must not be lost. */
  #start(): void {
    this.#again = this.#running !== undefined;
    if (this.#stopped || this.#again) return;
    this.#running = this.#sendSafely().finally(() => {
      this.#running = undefined;
      if (this.#again) this.#start();
    });
  }

  async #sendSafely(): Promise<void> {
    try {
      await this.#send();
    } catch (error) {
      // The outbox cannot be changed (a full disk): what was sent is sent again, and known by its ids.
      if (!this.#stopped) this.#become('waiting', describe(error), OUTBOX_TROUBLE_MS);
    }
  }

  async #send(): Promise<void> {
    while (!this.#stopped) {
      const batch = this.#nextBatch();
      if (batch.length === 0) return this.#become('idle', null);
      const unset = this.#needs.sender.unset();
      if (unset !== null) return this.#become('unset', unset);
      if (this.#current.state !== 'sending') this.#become('sending', null);
      if (!(await this.#sendOn(batch))) return;
    }
  }

  /** Sends a batch, and those behind it as long as all is well. Whether to go on at once. */
  async #sendOn(first: readonly Waiting[]): Promise<boolean> {
    let batch = first;
    let verdict = await this.#needs.sender.send(batch);
    for (;;) {
      this.#unanswered = verdict.act === 'retry' ? batch.at(-1)?.seq : undefined;
      const following = this.#following(batch, verdict);
      if (following.length === 0) return this.#apply(verdict, batch);
      // While this batch is noted as delivered the next one is on its way. After a crash in between both go out again.
      const answer = this.#needs.sender.send(following);
      try {
        await this.#apply(verdict, batch);
      } finally {
        verdict = await answer;
      }
      batch = following;
    }
  }

  /** What can go out before this batch has been noted as delivered: none unless the portal took all of it. */
  #following(batch: readonly Waiting[], verdict: Verdict): Waiting[] {
    const last = batch.at(-1)?.seq;
    const clear = verdict.act === 'acknowledge' && verdict.rejected.length === 0 && this.#suspects === 0;
    if (!clear || last === undefined || this.#stopped) return [];
    return this.#needs.outbox.nextAfter?.(last, MAX_EVENTS, this.#maxBytes) ?? [];
  }

  #nextBatch(): Waiting[] {
    const { attempts } = this.#current;
    const most = this.#suspects > 0 ? Math.ceil(this.#suspects / 2) : isProbing(attempts) ? 1 : MAX_EVENTS;
    const same = this.#needs.outbox.next(most, this.#maxBytes, this.#unanswered);
    if (same.length > 0 || this.#unanswered === undefined) return same;
    // The bounds took all of that batch meanwhile.
    this.#unanswered = undefined;
    return this.#needs.outbox.next(most, this.#maxBytes);
  }

  /** Whether to go on at once. */
  async #apply(verdict: Verdict, batch: readonly Waiting[]): Promise<boolean> {
    switch (verdict.act) {
      case 'acknowledge':
        await this.#acknowledge(batch, verdict.rejected);
        return true;
      case 'renew':
        if (await this.#needs.sender.renewed()) return true;
        return this.#hold(verdict.why, verdict.forMs);
      case 'hold':
        return this.#hold(verdict.why, verdict.forMs);
      case 'retry':
        this.#retry(verdict.why, verdict.retryAfter);
        return false;
      case 'set-aside':
        this.#giveUp(batch, verdict);
        this.#suspects = Math.max(0, this.#suspects - batch.length);
        return true;
      case 'shrink':
        this.#shrink(batch, verdict);
        return true;
      case 'halve':
        if (batch.length === 1) this.#giveUp(batch, verdict);
        this.#suspects = batch.length === 1 ? 0 : batch.length;
        return true;
    }
  }

  async #acknowledge(
    batch: readonly Waiting[],
    refusals: readonly { id: string; code: string; message: string }[],
  ): Promise<void> {
    const refused = new Set(refusals.map(({ id }) => id));
    const ours = new Set(batch.map(({ id }) => id));
    const sent = batch.map(({ id }) => id).filter((id) => !refused.has(id));
    this.#needs.outbox.reject(refusals.filter(({ id }) => ours.has(id)));
    for (let at = 0; at < sent.length; at += PORTION) {
      await this.#needs.turn();
      this.#needs.outbox.acknowledge(sent.slice(at, at + PORTION));
    }
    await this.#needs.turn();
    this.#suspects = Math.max(0, this.#suspects - batch.length);
    this.#current.attempts = 0;
    this.#current.delivered += sent.length;
    this.#current.lastDelivery = this.#needs.now().toISOString();
  }

  #hold(why: string, forMs: number): false {
    this.#current.attempts += 1;
    this.#become('held', why, forMs);
    return false;
  }

  #retry(why: string, retryAfterHeader: string | undefined): void {
    const { theirNow, random } = this.#needs;
    this.#current.attempts += 1;
    const asked = retryAfter(retryAfterHeader, theirNow());
    this.#become('waiting', why, nextDelay(this.#current.attempts, random(), asked));
  }

  /** Fewer at a time; one that is too large by itself is cut, and set aside only when that does not help. */
  #shrink(batch: readonly Waiting[], verdict: { code: string; why: string }): void {
    const [first] = batch;
    if (batch.length > 1) {
      const bytes = batch.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
      this.#maxBytes = Math.floor(bytes / 2);
    } else if (first !== undefined) {
      const shorter = this.#needs.shorten(first.json);
      if (shorter === undefined) this.#giveUp(batch, verdict);
      else this.#needs.outbox.replace(first.id, shorter);
    }
  }

  #giveUp(batch: readonly Waiting[], { code, why }: { code: string; why: string }): void {
    this.#needs.outbox.reject(batch.map(({ id }) => ({ id, code, message: why })));
  }

  #become(state: DeliveryState['state'], why: string | null, waitMs: number | null = null): void {
    const nextTry = waitMs === null ? null : new Date(this.#needs.now().getTime() + waitMs).toISOString();
    Object.assign(this.#current, { state, why, nextTry });
    this.#forget();
    this.#forget = waitMs === null || this.#stopped ? () => {} : this.#needs.later(waitMs, () => this.#start());
    this.#needs.changed();
  }
}
