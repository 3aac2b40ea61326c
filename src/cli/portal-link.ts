/** Everything between the outbox and the portal: one client, one clock, enrolment, heartbeats, delivery. */
import { setTimeout as wait } from 'node:timers/promises';
import { cutToHalf } from '../capture/cut-to-size.ts';
import type { CapsuleEvent, Json } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { Delivery, type DeliveryOutbox } from '../relay/delivery.ts';
import type { Device } from '../relay/enrolment.ts';
import { portalClient } from '../relay/portal-client.ts';
import { portalSender } from '../relay/portal-sender.ts';
import { type PortalTime, portalTime } from '../relay/portal-time.ts';
import type { DaemonState } from './daemon-state.ts';
import { Touch } from './keep-in-touch.ts';
import { networkIn } from './network-in.ts';

/** How long a stop may take to deliver what waits. */
const FLUSH_MS = 5_000;
/** A fleet that wakes at nine, or comes back onto one network, does not come back as one. */
const SPREAD_MS = 30_000;

/** Calls back as one of a fleet. Answers a function that forgets it. */
export function spread(
  { random }: Pick<Host, 'random'>,
  later: (ms: number, then: () => void) => () => void,
  then: () => void,
): () => void {
  return later(random() * SPREAD_MS, then);
}

/** Resolves when nothing is being sent any more, or when a stop has waited long enough for it. */
export async function settleWithin(delivery: Delivery): Promise<void> {
  await Promise.race([delivery.settled(), wait(FLUSH_MS, undefined, { ref: false })]);
}

export interface PortalLinkNeeds {
  outbox: DeliveryOutbox;
  settings(): Settings;
  device(): Omit<Device, 'os' | 'user'>;
  report(): { [key: string]: Json };
  later(ms: number, then: () => void): () => void;
  /** As in `DeliveryNeeds`. */
  turn(): Promise<void>;
}

/** The link of one daemon. Throws nothing: what goes wrong is in `state()` and tried again. */
export class PortalLink {
  readonly #host: Host;
  readonly #needs: PortalLinkNeeds;
  readonly #ending = new AbortController();
  readonly #time: PortalTime;
  readonly #touch: Touch;
  readonly #delivery: Delivery;
  #forget = () => {};

  constructor(host: Host, needs: PortalLinkNeeds) {
    const { outbox, settings, device, report, later, turn } = needs;
    this.#host = host;
    this.#needs = needs;
    this.#time = portalTime(host.now);
    const ask = portalClient({
      network: () => networkIn(settings()),
      heard: (date) => this.#time.hear(date),
      signal: this.#ending.signal,
    });
    // Whether a credential is due is the portal's clock to say.
    const byPortalTime = { ...host, now: this.#time.now };
    this.#touch = new Touch(byPortalTime, {
      ask,
      device,
      report,
      later,
      enrolled: () => this.#delivery.wake('credential'),
    });
    this.#delivery = new Delivery({
      outbox,
      sender: portalSender({
        ask,
        credential: () => this.#touch.credential(),
        renew: () => this.#touch.renew(),
      }),
      shorten,
      now: host.now,
      theirNow: this.#time.now,
      random: host.random,
      later,
      turn,
      changed: () => {},
    });
  }

  state(): Pick<DaemonState, 'delivery' | 'enrolment' | 'clockOffsetMs'> {
    return {
      delivery: this.#delivery.state(),
      enrolment: this.#touch.state(),
      clockOffsetMs: this.#time.offsetMs(),
    };
  }

  /** Something changed that the portal shows. */
  report(): void {
    this.#touch.look();
  }

  /** An enrolment, a credential or a setting changed. */
  refresh(): void {
    this.#touch.look();
    this.#delivery.wake('credential');
  }

  /** There are events to deliver. */
  deliver(): void {
    this.#delivery.wake('events');
  }

  /** A person waits for it: waits are cut short. */
  deliverNow(): void {
    this.#delivery.wake('now');
  }

  /** What held it back may be over: another network, or a machine that slept. */
  comeBack(): void {
    this.#forget();
    this.#forget = spread(this.#host, this.#needs.later, () => this.refresh());
  }

  /** Delivers what can be delivered in five seconds, then ends what is under way. */
  async stop(): Promise<void> {
    this.#forget();
    await settleWithin(this.#delivery);
    this.#ending.abort();
    await Promise.all([this.#delivery.stop(), this.#touch.stop()]);
  }
}

/** Of an event as the outbox holds it. */
function shorten(json: string): string | undefined {
  const cut = cutToHalf(JSON.parse(json) as CapsuleEvent);
  return cut === undefined ? undefined : JSON.stringify(cut);
}
