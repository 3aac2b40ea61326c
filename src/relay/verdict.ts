import { z } from 'zod';
import type { PortalAnswer } from './portal-client.ts';
import { refusal } from './refusal.ts';

/** What an answer to a batch of events means. */
export type Verdict =
  | { act: 'acknowledge'; rejected: { id: string; code: string; message: string }[] }
  /** Nothing was taken: the same events again, later. `held` needs a person or a long time, not a quick retry. */
  | { act: 'retry'; why: string; retryAfter: string | undefined }
  | { act: 'hold'; why: string; forMs: number; credential: boolean }
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
const RETRY = new Set([408, 409, 425, 429]);
const WRONG_PLACE = new Set([404, 405, 410]);

/**
 * Acknowledged is only what our own portal says in its own words: a 200 from anything else is not. Events are never given
 * up for an answer about the credential or the address; they wait.
 */
export function judge(answer: PortalAnswer): Verdict {
  const { status } = answer;
  const why = refusal(answer);
  if (status === null || status >= 500 || RETRY.has(status)) {
    return { act: 'retry', why, retryAfter: status === null ? undefined : answer.retryAfter };
  }
  if (status === 200 || status === 202) {
    const accepted = Accepted.safeParse(answer.body);
    if (accepted.success) return { act: 'acknowledge', rejected: accepted.data.rejected };
    return { act: 'retry', why, retryAfter: undefined };
  }
  if (status === 401) return { act: 'hold', why, forMs: QUARTER_HOUR, credential: true };
  if (status === 403) return { act: 'hold', why, forMs: HOUR, credential: true };
  if (WRONG_PLACE.has(status)) return { act: 'hold', why, forMs: HOUR, credential: false };
  if (status === 413) return { act: 'shrink', why, code: 'too-large' };
  if (status >= 400) return { act: 'halve', why, code: `http-${status}` };
  return { act: 'retry', why, retryAfter: undefined };
}
