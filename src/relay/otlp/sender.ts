import type { CapsuleEvent, Probe } from '../../core/event.ts';
import { describe } from '../../core/failure.ts';
import type { Sender } from '../delivery.ts';
import type { AskPortal, PortalAnswer } from '../portal-client.ts';
import type { Headers } from './headers-file.ts';
import { askUnpackedIfNeeded } from './packing.ts';
import { type OtlpRequest, type Teller, toRequest } from './request.ts';
import { judgeOtlp, lacksSignal, type PartialSuccess } from './verdict.ts';

export interface OtlpSenderNeeds {
  ask: AskPortal;
  /** null: none is set. */
  endpoint(): string | null;
  /** Throws when they cannot be read: then nothing is sent. */
  headers(): Headers;
  /** Whether larger requests go compressed. */
  compress(): boolean;
  teller: Teller;
  /** Something of a request was refused that was taken as a whole. */
  partly(partial: PartialSuccess): void;
}

/** Somebody must correct a file. */
const HEADERS_WAIT_MS = 5 * 60_000;

/**
 * Hands events to an OpenTelemetry endpoint, as OTLP/HTTP in JSON. One that knows no log records gets what these
 * would tell as spans, until the next start.
 */
export function otlpSender({ ask, endpoint, headers, compress, teller, partly }: OtlpSenderNeeds): Sender {
  const asking = askUnpackedIfNeeded(ask);
  const spansOnly = new Set<string>();
  return {
    unset: () => (endpoint() === null ? 'no OpenTelemetry endpoint is set' : null),
    async send(batch) {
      const address = endpoint();
      if (address === null) return { act: 'hold', why: 'no OpenTelemetry endpoint is set', forMs: HEADERS_WAIT_MS };
      let known: Headers;
      try {
        known = headers();
      } catch (error) {
        return { act: 'hold', why: describe(error), forMs: HEADERS_WAIT_MS };
      }
      // As the outbox wrote them.
      const events = batch.map(({ json }) => JSON.parse(json) as CapsuleEvent | Probe);
      const post = ({ path, body }: OtlpRequest): Promise<PortalAnswer> =>
        asking({ portal: address, path: pathBelow(address, path), body, pack: compress(), headers: known });
      const request = toRequest(events, teller, !spansOnly.has(address));
      let answer = await post(request);
      if (request.path === 'v1/logs' && lacksSignal(answer)) {
        const asSpans = await post(toRequest(events, teller, false));
        if (judgeOtlp(asSpans).act === 'acknowledge') {
          spansOnly.add(address);
          answer = asSpans;
        }
      }
      const verdict = judgeOtlp(answer);
      if (verdict.partial !== undefined) partly(verdict.partial);
      return verdict;
    },
    renewed: () => Promise.resolve(false),
  };
}

/** An endpoint may have a path of its own, to which the signal's is added. Pure. */
export function pathBelow(endpoint: string, path: string): string {
  return `${new URL(endpoint).pathname.replace(/\/+$/, '')}/${path}`;
}

/** A server's words without what they may quote of what was sent: for the log. Pure. */
export function withoutQuotes(message: string): string {
  const bare = message.replaceAll(/(["'`“‘«]).*?(["'`”’»]|$)/gs, '…');
  return bare.replaceAll(/\s+/g, ' ').slice(0, 200);
}
