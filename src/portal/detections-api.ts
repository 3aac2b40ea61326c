import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { explain, idSchema } from './event-schema.ts';
import { SEVERITIES } from './policies/policy.ts';
import { DETECTION_STATES } from './policies/stored.ts';
import type { PortalContext } from './portal-context.ts';
import { parse, readPage } from './query.ts';
import { readVersion, versionConflict } from './versions.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .exactOptional();
const filterSchema = z.object({
  policy: idSchema.exactOptional(),
  agent: idSchema.exactOptional(),
  session: idSchema.exactOptional(),
  event: idSchema.exactOptional(),
  user: z.string().max(1_000).exactOptional(),
  assignee: z.string().max(200).exactOptional(),
  from: time,
  to: time,
});

/** `GET /api/detections`, newest first: `state` and `severity` (several: any of them), `policy`, `agent`, `user`, `session`, `event`, `assignee`, `from`, `to`. */
export async function listDetections(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const states = z.array(z.enum(DETECTION_STATES)).safeParse(query.getAll('state'));
  const severities = z.array(z.enum(SEVERITIES)).safeParse(query.getAll('severity'));
  if (!states.success) throw new Refusal(400, 'query-invalid', `state must be one of ${DETECTION_STATES.join(', ')}`);
  if (!severities.success) throw new Refusal(400, 'query-invalid', `severity must be one of ${SEVERITIES.join(', ')}`);
  const filter = { ...parse(filterSchema, query), states: states.data, severities: severities.data };
  const { items, next } = await portal.store.detections.list(person.organisation.id, filter, readPage(query));
  return ok({ detections: items, next });
}

/** `GET /api/detections/:id`, with its history. */
export async function getDetection(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const found = await portal.store.detections.get(person.organisation.id, id);
  if (found === undefined) throw notFound('detection');
  return { status: 200, json: found, headers: { etag: `"${found.detection.version}"` } };
}

/** `GET /api/detections/counts`: by state and severity, for the front page. */
export async function countDetections(portal: PortalContext, person: Person): Promise<Answer> {
  return ok({ counts: await portal.store.detections.counts(person.organisation.id) });
}

const said = z.string().trim().max(2_000);
const changeSchema = z
  .strictObject({
    state: z.enum(['open', 'in_review', 'closed', 'false_positive']).exactOptional(),
    reason: z.enum(['true_positive', 'benign', 'duplicate', 'other']).exactOptional(),
    assignee: said.max(200).nullable().exactOptional(),
    note: said.default(''),
  })
  .refine(({ state, reason }) => (state === 'closed') === (reason !== undefined), {
    error: 'closing needs a reason (true_positive, benign, duplicate, other), and nothing else has one',
  })
  .refine(({ reason, note }) => reason !== 'other' || note !== '', { error: 'the reason "other" needs a note' })
  .refine(({ state, note }) => state !== 'false_positive' || note !== '', { error: 'a false positive needs a note' })
  .refine(({ state, assignee, note }) => state !== undefined || assignee !== undefined || note !== '', {
    error: 'says nothing: name a state, an assignee or a note',
  });

/** `PATCH /api/detections/:id` with `If-Match`: state, assignee, note. Refuses (409) when somebody else was faster. */
export async function changeDetection(
  portal: PortalContext,
  person: Person,
  { id, incoming, body }: { id: string; incoming: IncomingMessage; body: unknown },
): Promise<Answer> {
  const version = readVersion(incoming);
  const parsed = changeSchema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, 'change-invalid', explain(parsed.error));
  const org = person.organisation.id;
  if ((await portal.store.detections.get(org, id)) === undefined) throw notFound('detection');
  const { state, reason, ...rest } = parsed.data;
  // A state other than closed has no reason: that of an earlier closing goes.
  const change = { ...rest, ...(state !== undefined && { state, reason: reason ?? null }) };
  const done = await portal.store.detections.change(org, id, version, change, portal.now().toISOString(), person.actor);
  if (!done) throw versionConflict('detection');
  portal.announcer.announce(org, { events: 0, sessions: [], agents: [], detections: 1 });
  return getDetection(portal, person, id);
}
