import * as z from 'zod';
import type { PortalAnswer } from './portal-client.ts';
import { isPortalRefusal, refusal } from './refusal.ts';

/** What an answer to a batch of events means. */
export type Verdict =
  | { act: 'acknowledge'; rejected: { id: string; code: string; message: string }[] }
  /** Nothing was taken: the same events again, later. `hold` needs a person or a long time, not a quick retry. */
  | { act: 'retry'; why: string; retryAfter: string | undefined }
  | { act: 'hold'; why: string; forMs: number }
  /** The credential is not (or no longer) good. */
  | { act: 'renew'; why: string; forMs: number }
  /** None of these will ever be taken there. */
  | { act: 'set-aside'; why: string; code: string }
  /** Too much at once. */
  | { act: 'shrink'; why: string; code: string }
  /** One of these events is the trouble. */
  | { act: 'halve'; why: string; code: string };

const Accepted = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
});

const QUARTER_HOUR = 15 * 60_000;
const HOUR = 60 * 60_000;
/** 407 is a proxy's: another network may do without. */
const RETRY = new Set([407, 408, 409, 425, 429]);
const ABOUT_EVENTS = new Set([400, 422]);

/**
 * Acknowledged is only what our own portal says in its own words: a 200 from anything else is not. Events are given up only
 * for an answer about the events, again in the portal's own words: what a proxy thinks of them makes them wait. Pure.
 */
export function judge(answer: PortalAnswer): Verdict {
  const { status } = answer;
  const why = refusal(answer);
  if (status === null) return { act: 'retry', why, retryAfter: undefined };
  if (status >= 500 || RETRY.has(status)) return { act: 'retry', why, retryAfter: answer.retryAfter };
  if (status === 200 || status === 202) {
    const accepted = Accepted.safeParse(answer.body);
    if (accepted.success) return { act: 'acknowledge', rejected: accepted.data.rejected };
  }
  if (status < 400) return { act: 'retry', why, retryAfter: undefined };
  if (status === 401) return { act: 'renew', why, forMs: QUARTER_HOUR };
  // Even from a proxy: an event that does not fit through will not fit through tomorrow.
  if (status === 413) return { act: 'shrink', why, code: 'too-large' };
  if (ABOUT_EVENTS.has(status) && isPortalRefusal(answer.body)) return { act: 'halve', why, code: `http-${status}` };
  return { act: 'hold', why, forMs: HOUR };
}
