import { createTransport } from 'nodemailer';
import * as z from 'zod';
import { describe } from '../../core/failure.ts';
import type { MailSettings } from './mail-settings.ts';
import type { MailText } from './write-mail.ts';

/** What came of a mail. `final`: trying again would meet the same. */
export interface MailOutcome {
  trouble: string | null;
  final: boolean;
}

const TIMEOUT_MS = 10_000;

/** Hands a mail to the server of the settings. `id` is the same at every try, so that a mail that arrived twice can be seen to. */
export async function sendMail(
  settings: MailSettings,
  to: readonly string[],
  mail: MailText,
  id: string,
): Promise<MailOutcome> {
  const { host, port, tls, user, password, from, ca } = settings;
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
  });
  const messageId = `<${id}@${from.slice(from.indexOf('@') + 1)}>`;
  try {
    const { rejected } = await transport.sendMail({ from, to: [...to], messageId, ...mail });
    if (rejected.length === 0) return { trouble: null, final: true };
    // The others have it: another try would send it to them again.
    return { trouble: `not taken for ${rejected.map(String).join(', ')}`, final: true };
  } catch (error) {
    return explain(error);
  } finally {
    transport.close();
  }
}

const errorSchema = z.object({ code: z.string().optional(), responseCode: z.number().optional() });

/** The words of the server stay out: they may hold anything, and are shown on the page. */
function explain(error: unknown): MailOutcome {
  const { code, responseCode } = errorSchema.safeParse(error).data ?? {};
  if (code === 'EAUTH')
    return { trouble: `the mail server refused the sign-in${inBrackets(responseCode)}`, final: false };
  if (code === 'ETLS') return { trouble: 'the mail server has no TLS that can be trusted', final: false };
  if (responseCode !== undefined) {
    const final = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
    return { trouble: `the mail server answered ${responseCode}`, final };
  }
  // nodemailer puts its own code in place of that of TLS, and leaves the words.
  if (code === 'ESOCKET' && /certificate|self.signed|altname/i.test(describe(error))) {
    return { trouble: 'the mail server has no TLS that can be trusted', final: false };
  }
  if (code === 'ETIMEDOUT') return { trouble: 'no answer of the mail server in 10 s', final: false };
  return { trouble: 'the mail server could not be reached', final: false };
}

const inBrackets = (responseCode: number | undefined): string =>
  responseCode === undefined ? '' : ` (${responseCode})`;
