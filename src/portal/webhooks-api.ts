import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { explain } from './event-schema.ts';
import { SEVERITIES } from './policies/policy.ts';
import type { PortalContext } from './portal-context.ts';
import { newSecret } from './secrets.ts';

const bodySchema = z.strictObject({
  url: z.url().max(2_000).refine(isSafe, 'must be https, or http to this machine, without a user name'),
  severities: z.array(z.enum(SEVERITIES)).min(1).default(['high', 'critical']),
});

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && local));
}

/** `GET /api/webhooks`: who is told of detections, without the secrets. */
export async function listWebhooks(portal: PortalContext, person: Person): Promise<Answer> {
  return ok({ webhooks: await portal.store.notifications.webhooks(person.organisation.id), next: null });
}

/** `POST /api/webhooks`. The answer is the one time that the secret is told with which notices are signed. */
export async function createWebhook(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, 'webhook-invalid', explain(parsed.error));
  const hook = { id: `hook_${randomBytes(8).toString('hex')}`, ...parsed.data };
  const secret = newSecret();
  const at = portal.now().toISOString();
  await portal.store.notifications.addWebhook(person.organisation.id, { ...hook, secret }, at, person.actor);
  return { status: 201, json: { webhook: hook, secret } };
}

/** `DELETE /api/webhooks/:id`: what waits for it is not sent any more. */
export async function removeWebhook(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const at = portal.now().toISOString();
  if (!(await portal.store.notifications.removeWebhook(person.organisation.id, id, at, person.actor)))
    throw notFound('webhook');
  return ok({ ok: true });
}
