import { randomBytes, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { type Answer, notFound, ok } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import type { PortalContext } from '../portal-context.ts';
import { newSecret } from '../secrets.ts';
import { type MadeStreamAnswer, type Stream, type StreamsAnswer, draftSchema as wishedSchema } from './stream.ts';

export const draftSchema = wishedSchema.refine(
  ({ destination }) => destination.kind === 'http' || destination.ca === null || isCertificate(destination.ca),
  { error: 'must be a certificate in PEM', path: ['destination', 'ca'] },
);

/** `GET /api/siem-streams`: where events and detections are sent, how far each is and what it met. Without secrets. */
export async function listStreams({ store }: PortalContext, person: Person): Promise<Answer> {
  const answer: StreamsAnswer = { streams: await store.streams.list(person.organisation.id), next: null };
  return ok(answer);
}

/** `POST /api/siem-streams`. The answer is the one time that the secret is told by which batches over HTTP are signed. */
export async function createStream(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { from, ...wished } = checkBody(draftSchema, body, 'stream-invalid');
  const id = `stream_${randomBytes(8).toString('hex')}`;
  const secret = wished.destination.kind === 'http' ? newSecret() : '';
  const at = portal.now().toISOString();
  await portal.store.streams.add(person.organisation.id, { ...wished, id, secret, from }, at, person.actor);
  portal.streams.wake();
  const stream: Stream = {
    ...{ ...wished, id, createdAt: at, createdBy: person.actor, enabled: true },
    ...{ sent: 0, sentAt: null, behind: 0, missed: 0, trouble: null, nextAt: null },
  };
  const answer: MadeStreamAnswer = { stream, secret };
  return { status: 201, json: answer };
}

export const turnSchema = z.strictObject({ enabled: z.boolean() });

/** `PATCH /api/siem-streams/:id`: on or off. On again, it goes on where it was: what was stored meanwhile is sent. */
export async function turnStream(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { enabled } = checkBody(turnSchema, body, 'stream-invalid');
  const at = portal.now().toISOString();
  if (!(await portal.store.streams.turn(person.organisation.id, id, enabled, at, person.actor)))
    throw notFound('stream');
  portal.streams.wake();
  return ok({ ok: true });
}

/** `DELETE /api/siem-streams/:id`: nothing more is sent, and its secret is forgotten. */
export async function removeStream(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const at = portal.now().toISOString();
  if (!(await portal.store.streams.remove(person.organisation.id, id, at, person.actor))) throw notFound('stream');
  return ok({ ok: true });
}

/** `POST /api/siem-streams/:id/test`: sends a message that says it is a test. Answers `{"trouble":null}` when it arrived. */
export async function testStream(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const target = await portal.store.streams.target(person.organisation.id, id);
  if (target === undefined) throw notFound('stream');
  const { sendTest } = await import('./send-stream.ts');
  const trouble = await sendTest(target, portal.streams.sender);
  await portal.store.note(person.organisation.id, {
    ...{ time: portal.now().toISOString(), actor: person.actor, act: 'tested', object: `stream:${id}` },
  });
  return ok({ trouble });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    // Whatever is wrong with it, the person who gave it is told.
    return false;
  }
}
