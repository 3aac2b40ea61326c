/** Everything between the outbox and those that events go to: a portal, OpenTelemetry, or both, each at its own pace. */
import { existsSync } from 'node:fs';
import type { Host, OwnPaths } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import type { DeliveryOutbox } from '../relay/delivery.ts';
import type { Destination } from '../relay/destinations.ts';
import type { Outbox } from '../relay/outbox.ts';
import type { DaemonState } from './daemon-state.ts';
import { OtlpLink } from './otlp-link.ts';
import { PortalLink, type PortalLinkNeeds } from './portal-link.ts';

/** So long a turn that has not ended is waited for, that its span may tell all of it; what was said before goes alone. */
const OPEN_TURN_MS = 30 * 60_000;

export interface LinksNeeds extends Omit<PortalLinkNeeds, 'outbox'> {
  outbox: Outbox;
  version: string;
  /** As `watching` of the followed probes. */
  watching(outbox: DeliveryOutbox): DeliveryOutbox;
}

/** The links of one daemon. Throws nothing but where it says so: what goes wrong is in `state()` and tried again. */
export class Links {
  readonly #host: Host;
  readonly #needs: LinksNeeds;
  readonly #portal: PortalLink;
  readonly #otlp: OtlpLink;
  #wanted: Destination[] = [];

  constructor(host: Host, needs: LinksNeeds) {
    const { outbox, version, watching, settings, device, report, later, turn } = needs;
    this.#host = host;
    this.#needs = needs;
    this.#portal = new PortalLink(host, { outbox: watching(outbox), settings, device, report, later, turn });
    this.#otlp = new OtlpLink(host, { outbox: watching(otlpEnd(outbox)), version, settings, later, turn });
  }

  /** Settles who is to get what is taken in from now on. Throws what the outbox throws. */
  choose(): void {
    this.#wanted = wantedIn(this.#needs.settings(), this.#host.own);
    const freed = this.#needs.outbox.want(this.#wanted);
    if (freed > 0) this.#host.log.info('events left that nobody wants any more', { freed });
  }

  state(): Pick<DaemonState, 'delivery' | 'enrolment' | 'clockOffsetMs' | 'destinations' | 'depths' | 'otlp'> {
    const { outbox, settings } = this.#needs;
    const endpoint = settings()['otlp.endpoint'];
    return {
      ...this.#portal.state(),
      destinations: this.#wanted,
      depths: { portal: outbox.depth('portal'), otlp: outbox.depth('otlp') },
      otlp: endpoint === null ? null : { endpoint, ...this.#otlp.state() },
    };
  }

  /** Something changed that the portal shows. */
  report(): void {
    this.#portal.report();
  }

  /** An enrolment, a credential or a setting changed. */
  refresh(): void {
    this.#portal.refresh();
    this.#otlp.refresh();
  }

  /** There are events to deliver, or a turn has waited long enough for its end. */
  deliver(): void {
    this.#portal.deliver();
    this.#otlp.deliver();
  }

  /** A person waits for it: waits are cut short. */
  deliverNow(): void {
    this.#portal.deliverNow();
    this.#otlp.refresh();
  }

  /** What held them back may be over. */
  comeBack(): void {
    this.#portal.comeBack();
    this.#otlp.comeBack();
  }

  /** As each of them stops. */
  async stop(): Promise<void> {
    await Promise.all([this.#portal.stop(), this.#otlp.stop()]);
  }
}

/** A portal counts once it is named, or as long as this device is enrolled or about to be. */
function wantedIn(settings: Settings, own: OwnPaths): Destination[] {
  const portal = settings['portal.url'] !== null || existsSync(own.credential) || existsSync(own.enrolment);
  return [...(portal ? ['portal' as const] : []), ...(settings['otlp.endpoint'] === null ? [] : ['otlp' as const])];
}

/** The outbox as OpenTelemetry sees it. What goes out again need not be the same bytes: its ids put it in the same place. */
function otlpEnd(outbox: Outbox): DeliveryOutbox {
  return {
    next: (maxEvents, maxBytes) => outbox.nextForOtlp(maxEvents, maxBytes, OPEN_TURN_MS),
    acknowledge: (ids) => outbox.acknowledge(ids, 'otlp'),
    reject: (refusals) => outbox.reject(refusals, 'otlp'),
    replace: (id, json) => outbox.replace(id, json),
  };
}
