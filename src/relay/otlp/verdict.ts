import * as z from 'zod';
import { WANTS_A_NAME } from '../no-answer.ts';
import type { PortalAnswer } from '../portal-client.ts';
import type { Verdict } from '../verdict.ts';

/** What was not taken of a request that was. */
export interface PartialSuccess {
  rejected: number;
  /** The server's words; they may quote what was sent. */
  message: string;
}

/** Counts are 64 bits wide, and so written as texts. */
const Count = z.union([z.string().regex(/^\d{1,15}$/), z.number().int().nonnegative()]).transform(Number);
const Accepted = z.object({
  partialSuccess: z
    .object({ rejectedSpans: Count, rejectedLogRecords: Count, errorMessage: z.string() })
    .partial()
    .nullish(),
});

const RETRY = new Set([429, 502, 503, 504]);
/** One of several may be the trouble. */
const ABOUT_EVENTS = new Set([400, 422]);
/** About who sends, or whereto: a key that was exchanged, a path that is wrong. No event is the trouble. */
const ABOUT_THE_WAY = new Set([401, 403, 404]);
/** What a server says where it has nothing. */
const NOTHING_THERE = new Set([404, 405, 501]);
/** Somebody must correct a setting. */
const CORRECTION_WAIT_MS = 5 * 60_000;

/**
 * As OTLP/HTTP has it: tried again is what was not answered, and 429, 502, 503 and 504; every other refusal is for good, and
 * holds up nothing. But 401, 403 and 404 keep the events until somebody has corrected the key or the address: an exchanged key
 * must not cost a day. Something in between that answers in the endpoint's place (a sign-in page, a redirect, a proxy that wants
 * a name) has taken nothing and refused nothing. Pure.
 */
export function judgeOtlp(answer: PortalAnswer): Verdict & { partial?: PartialSuccess } {
  if (answer.status === null) return { act: 'retry', why: answer.reason, retryAfter: undefined };
  const { status, body, retryAfter } = answer;
  const why = `the OpenTelemetry endpoint answered ${status}`;
  const code = `http-${status}`;
  if (RETRY.has(status)) return { act: 'retry', why, retryAfter };
  if (status === 407) return { act: 'retry', why: WANTS_A_NAME, retryAfter };
  if (status < 300) return judgeSuccess(body);
  if (status < 400) {
    return { act: 'retry', why: `the OpenTelemetry endpoint answers with a redirect (${status})`, retryAfter };
  }
  if (ABOUT_THE_WAY.has(status)) return { act: 'hold', why, forMs: CORRECTION_WAIT_MS };
  if (status === 413) return { act: 'shrink', why, code };
  return { act: ABOUT_EVENTS.has(status) ? 'halve' : 'set-aside', why, code };
}

/** Some say nothing, some an object; a page is neither. */
function judgeSuccess(body: unknown): Verdict & { partial?: PartialSuccess } {
  const accepted = Accepted.safeParse(body ?? {});
  if (body === undefined || !accepted.success) {
    const why = 'something else answers at the OpenTelemetry endpoint (a captive portal or a proxy?)';
    return { act: 'retry', why, retryAfter: undefined };
  }
  const { rejectedSpans = 0, rejectedLogRecords = 0, errorMessage = '' } = accepted.data.partialSuccess ?? {};
  const rejected = rejectedSpans + rejectedLogRecords;
  if (rejected === 0 && errorMessage === '') return { act: 'acknowledge', rejected: [] };
  return { act: 'acknowledge', rejected: [], partial: { rejected, message: errorMessage } };
}

/** Whether the endpoint may know nothing of the kind that was sent: spans and log records have an address each. Pure. */
export function lacksSignal({ status }: PortalAnswer): boolean {
  return status !== null && NOTHING_THERE.has(status);
}
