import * as z from 'zod';
import { WANTS_A_NAME } from './no-answer.ts';
import type { PortalAnswer } from './portal-client.ts';

const Refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Whether these are the words in which a portal refuses, and not a page of something on the way. Pure. */
export function isPortalRefusal(body: unknown): boolean {
  return Refused.safeParse(body).success;
}

/** One sentence for `status`, from an answer that was not what we asked for. */
export function refusal(answer: PortalAnswer): string {
  if (answer.status === null) return answer.reason;
  const { status, body } = answer;
  const refused = Refused.safeParse(body);
  if (status === 407) return WANTS_A_NAME;
  if (refused.success) return `${refused.data.error.message} (${refused.data.error.code})`;
  if (status >= 300 && status < 400) return `the address answers with a redirect (${status}); is it the portal's own?`;
  if (status < 300) return 'something that is not a portal answers at this address (a captive portal or a proxy?)';
  return `the portal answered ${status}`;
}
