import { createHmac } from 'node:crypto';
import type { MailSettings } from '../mail/mail-settings.ts';
import { recipientsOf } from '../mail/mailbox.ts';
import { type MailOutcome, sendMail } from '../mail/send-mail.ts';
import { writeMail, writeTestMail } from '../mail/write-mail.ts';
import { postWithin } from '../post-within.ts';
import type { Reach } from '../reach.ts';
import type { DueNotice } from './stored.ts';

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

/** By which means notices leave beside HTTP. `address`: of the portal, for links. */
export interface Means {
  mail: MailSettings | undefined;
  address: string;
  reach: Reach;
}

/**
 * Sends one notice, by mail where its channel is `mailto:`, and says what is to be remembered of it. Any 2xx is an arrival;
 * redirects are not followed.
 */
export async function sendNotice(
  notice: DueNotice,
  now: () => Date,
  means: Means,
): Promise<{ at: string; nextAt: string | null; trouble: string | null }> {
  const at = now();
  const { trouble, final } = await sendBy(notice, at, means);
  const wait = final ? null : waitAfter(notice.tries + 1);
  return { at: at.toISOString(), nextAt: wait === null ? null : new Date(at.getTime() + wait).toISOString(), trouble };
}

async function sendBy(notice: DueNotice, at: Date, { mail, address, reach }: Means): Promise<MailOutcome> {
  const recipients = recipientsOf(notice.url);
  if (recipients !== undefined) {
    if (mail === undefined) return { trouble: MAIL_UNSET, final: false };
    const id = `notice-${notice.seq}-${Date.parse(notice.madeAt)}`;
    return sendMail(mail, recipients, writeMail(notice, mail.address ?? address), id);
  }
  const body = noticeBody(notice);
  const trouble = await postSigned(notice, body, at, { reach });
  return { trouble, final: trouble === null };
}

const MAIL_UNSET = 'this portal sends no mail: it was started without --mail';

/** Sends a notice that says only that it is a test; answers what it met, null: it arrived. */
export async function sendTest(
  { url, secret, organisation }: { url: string; secret: string; organisation: string },
  now: () => Date,
  { mail, address, reach }: Means,
): Promise<string | null> {
  const recipients = recipientsOf(url);
  if (recipients !== undefined) {
    if (mail === undefined) return MAIL_UNSET;
    const text = writeTestMail(organisation, mail.address ?? address);
    return (await sendMail(mail, recipients, text, `test-${now().getTime()}`)).trouble;
  }
  const body = JSON.stringify({ type: 'test', organisation, time: now().toISOString(), detections: [] });
  return postSigned({ url, secret }, body, now(), { reach });
}

/** Posts a body signed by the secret; answers what it met, null: it arrived. */
export function postSigned(
  { url, secret }: { url: string; secret: string },
  body: string,
  at: Date,
  { reach }: { reach: Reach },
): Promise<string | null> {
  const headers = {
    'content-type': 'application/json',
    'capsule-signature': signNotice(secret, body, at),
    'user-agent': 'capsule-portal',
  };
  return postWithin(reach, url, headers, body);
}
