import { createHmac } from 'node:crypto';
import type { DueNotice } from './stored.ts';

const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
/** The last try is about a day after the first. */
const MAX_TRIES = 12;

/** What is sent: names and ids, never a text that was captured. */
export function noticeBody({ seq, organisation, madeAt, detections }: DueNotice): string {
  return JSON.stringify({
    type: 'detections',
    id: `notice_${seq}`,
    organisation,
    time: madeAt,
    detections: detections.map(({ id, policy, policyName, severity, event, session, agent, user, time }) => ({
      ...{ id, policy, policyName, severity, event, session, agent, user, time },
      path: `/detections/${id}`,
    })),
  });
}

/** `t=<unix seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`: the receiver compares, and refuses what is old. */
export function signNotice(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** How long to wait after this many tries in ms; null: give up. */
export const waitAfter = (tries: number): number | null =>
  tries >= MAX_TRIES ? null : Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);

/** Sends one notice and says what is to be remembered of it. Any 2xx is an arrival; redirects are not followed. */
export async function sendNotice(
  notice: DueNotice,
  now: () => Date,
): Promise<{ at: string; nextAt: string | null; trouble: string | null }> {
  const body = noticeBody(notice);
  const at = now();
  const trouble = await post(notice.url, body, signNotice(notice.secret, body, at));
  const wait = trouble === null ? null : waitAfter(notice.tries + 1);
  return { at: at.toISOString(), nextAt: wait === null ? null : new Date(at.getTime() + wait).toISOString(), trouble };
}

/** Sends a notice that says only that it is a test; answers what it met, null: it arrived. */
export async function sendTest(
  { url, secret, organisation }: { url: string; secret: string; organisation: string },
  now: () => Date,
): Promise<string | null> {
  const body = JSON.stringify({ type: 'test', organisation, time: now().toISOString(), detections: [] });
  return post(url, body, signNotice(secret, body, now()));
}

async function post(url: string, body: string, signature: string): Promise<string | null> {
  try {
    const headers = {
      'content-type': 'application/json',
      'capsule-signature': signature,
      'user-agent': 'capsule-portal',
    };
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `answered ${answer.status}`;
  } catch (error) {
    // Whatever the network says is the receiver's trouble: it is noted, and tried again.
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in 10 s' : 'could not be reached';
  }
}
