/** Everything between the outbox and an OpenTelemetry endpoint. */
import os from 'node:os';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { Delivery, type DeliveryOutbox, type DeliveryState } from '../relay/delivery.ts';
import { readHeadersFile } from '../relay/otlp/headers-file.ts';
import { otlpSender, withoutQuotes } from '../relay/otlp/sender.ts';
import { portalClient } from '../relay/portal-client.ts';
import { networkIn } from './network-in.ts';
import { settleWithin, spread } from './portal-link.ts';

export interface OtlpLinkNeeds {
  outbox: DeliveryOutbox;
  version: string;
  settings(): Settings;
  later(ms: number, then: () => void): () => void;
  /** As in `DeliveryNeeds`. */
  turn(): Promise<void>;
}

/** Throws nothing: what goes wrong is in `state()` and tried again. */
export class OtlpLink {
  readonly #host: Host;
  readonly #needs: OtlpLinkNeeds;
  readonly #ending = new AbortController();
  readonly #delivery: Delivery;
  /** Since the daemon's start. */
  #partly = 0;
  #forget = () => {};

  constructor(host: Host, needs: OtlpLinkNeeds) {
    const { outbox, version, settings, later, turn } = needs;
    this.#host = host;
    this.#needs = needs;
    const ask = portalClient({
      network: () => networkIn(settings()),
      peer: 'the OpenTelemetry endpoint',
      signal: this.#ending.signal,
    });
    const headers = () => {
      const file = settings()['otlp.headersFile'];
      return file === null ? {} : readHeadersFile(file, host.platform);
    };
    this.#delivery = new Delivery({
      outbox,
      sender: otlpSender({
        ask,
        endpoint: () => settings()['otlp.endpoint'],
        headers,
        compress: () => settings()['otlp.compression'] === 'gzip',
        teller: { version, hostName: os.hostname() },
        partly: ({ rejected, message }) => {
          this.#partly += rejected;
          host.log.warn('the OpenTelemetry endpoint took a part', { rejected, said: withoutQuotes(message) });
        },
      }),
      // The text in the outbox is the portal's, too.
      shorten: () => undefined,
      now: host.now,
      theirNow: host.now,
      random: host.random,
      later,
      turn,
      changed: () => {},
    });
  }

  state(): DeliveryState & { partlyRejected: number } {
    return { ...this.#delivery.state(), partlyRejected: this.#partly };
  }

  /** A setting changed. */
  refresh(): void {
    this.#delivery.wake('credential');
  }

  deliver(): void {
    this.#delivery.wake('events');
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
    await this.#delivery.stop();
  }
}
