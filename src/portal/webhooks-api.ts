import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { recipientsOf } from './mail/mailbox.ts';
import { SEVERITIES } from './policies/policy.ts';
import type { WebhooksAnswer } from './policies/records.ts';
import type { PortalContext } from './portal-context.ts';
import { isSafeAddress } from './safe-address.ts';
import { newSecret } from './secrets.ts';

export const bodySchema = z.strictObject({
  url: z
    .string()
    .max(6_000)
    .refine(
      (url) => recipientsOf(url) !== undefined || isSafeAddress(url),
      'must be https, or http to this machine, without a user name; or mailto: with up to 20 addresses',
    ),
  severities: z.array(z.enum(SEVERITIES)).min(1).default(['high', 'critical']),
});

/** `GET /api/webhooks`: who is told of detections, without the secrets. */
export async function listWebhooks(portal: PortalContext, person: Person): Promise<Answer> {
  const { mail } = await portal.means();
  const answer: WebhooksAnswer = {
    webhooks: await portal.store.notifications.webhooks(person.organisation.id),
    mailFrom: mail?.from ?? null,
    next: null,
  };
  return ok(answer);
}

/** `POST /api/webhooks`: `https://…`, or `mailto:a@example.com,b@example.com`. Refuses (409) `mail-unset`. The answer is the one time that the secret is told with which notices are signed. */
export async function createWebhook(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const wished = checkBody(bodySchema, body, 'webhook-invalid');
  const hook = { id: `hook_${randomBytes(8).toString('hex')}`, ...wished };
  const recipients = recipientsOf(wished.url);
  if (recipients !== undefined && (await portal.means()).mail === undefined) {
    throw new Refusal(409, 'mail-unset', 'This portal sends no mail: start it with --mail FILE');
  }
  // A mail is signed by nobody.
  const secret = recipients === undefined ? newSecret() : '';
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

export const switchSchema = z.strictObject({ enabled: z.boolean() });

/** `PATCH /api/webhooks/:id`: on or off. What waits while it is switched off is not sent any more. */
export async function switchWebhook(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { enabled } = checkBody(switchSchema, body, 'webhook-invalid');
  const at = portal.now().toISOString();
  if (!(await portal.store.notifications.switchWebhook(person.organisation.id, id, enabled, at, person.actor)))
    throw notFound('webhook');
  return ok({ ok: true });
}

/** `GET /api/webhooks/:id/deliveries`: its last 50 notices and what became of them. */
export async function listDeliveries(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const { notifications } = portal.store;
  if ((await notifications.webhookTarget(person.organisation.id, id)) === undefined) throw notFound('webhook');
  return ok({ deliveries: await notifications.deliveries(person.organisation.id, id, 50), next: null });
}

/** `POST /api/webhooks/:id/test`: sends a signed notice without detections now. Answers `{"trouble":null}` when it arrived. */
export async function testWebhook(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const target = await portal.store.notifications.webhookTarget(person.organisation.id, id);
  if (target === undefined) throw notFound('webhook');
  const { sendTest } = await import('./policies/send-notice.ts');
  const trouble = await sendTest(target, portal.now, await portal.means());
  const at = portal.now().toISOString();
  await portal.store.note(person.organisation.id, {
    ...{ time: at, actor: person.actor, act: 'tested', object: `webhook:${id}` },
  });
  return ok({ trouble });
}
