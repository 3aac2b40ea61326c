import { randomBytes, X509Certificate } from 'node:crypto';
import { type Answer, notFound, ok, Refusal } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import type { PortalContext } from '../portal-context.ts';
import { newSecret } from '../secrets.ts';
import {
  type Destination,
  type MadeStreamAnswer,
  SENDS_NOTHING,
  type Stream,
  type StreamsAnswer,
  sendsSomething,
  changeSchema as wishedChangeSchema,
  draftSchema as wishedSchema,
} from './stream.ts';
import type { Turned } from './stream-store.ts';

const hasOwnCertificate = ({ destination }: { destination?: Destination | undefined }): boolean =>
  destination?.kind !== 'syslog' || destination.ca === null || isCertificate(destination.ca);
const NO_CERTIFICATE = { error: 'must be a certificate in PEM', path: ['destination', 'ca'] };
export const draftSchema = wishedSchema.refine(hasOwnCertificate, NO_CERTIFICATE);

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
    ...{ sent: 0, sentAt: null, behind: 0, waitingSince: null, missed: 0, trouble: null, tries: 0, nextAt: null },
  };
  const answer: MadeStreamAnswer = { stream, secret };
  return { status: 201, json: answer };
}

export const changeSchema = wishedChangeSchema.refine(hasOwnCertificate, NO_CERTIFICATE);

/**
 * `PATCH /api/siem-streams/:id`: what is named becomes so, and it is tried at once. It goes on where it was, so what waits goes to
 * the new place. By what it goes cannot change: a secret would be there, or missing.
 */
export async function changeStream(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const wish = checkBody(changeSchema, body, 'stream-invalid');
  const make = (before: Turned): Turned => {
    const after: Turned = { ...before, ...wish };
    if (!sendsSomething(after)) throw refused(SENDS_NOTHING);
    if (after.destination.kind !== before.destination.kind)
      throw refused('destination.kind cannot be changed: make another stream');
    return after;
  };
  const at = portal.now().toISOString();
  if (!(await portal.store.streams.change(person.organisation.id, id, make, at, person.actor)))
    throw notFound('stream');
  portal.streams.wake();
  return ok({ ok: true });
}

const refused = (why: string): Refusal => new Refusal(400, 'stream-invalid', why);

/**
 * `POST /api/siem-streams/:id/secret`: another secret, told this once; the one before signs nothing any more. A receiver that does
 * not know it yet refuses what comes, which is sent again. Refuses (400) where nothing is signed.
 */
export async function renewSecret(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const org = person.organisation.id;
  const target = await portal.store.streams.target(org, id);
  if (target === undefined) throw notFound('stream');
  if (target.secret === '') throw refused('syslog is not signed, so it has no secret');
  const secret = newSecret();
  if (!(await portal.store.streams.renewSecret(org, id, secret, portal.now().toISOString(), person.actor)))
    throw notFound('stream');
  return ok({ secret });
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
  if (trouble === null) {
    // It is there again: what waits need not wait any longer.
    await portal.store.streams.retry(person.organisation.id, id);
    portal.streams.wake();
  }
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
