import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, notFound, ok } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { aroundDetection } from './detection-context.ts';
import { idSchema } from './event-schema.ts';
import { excerptOf } from './excerpt.ts';
import { chartStep } from './filter/chart-step.ts';
import { DETECTION_GRAMMAR } from './filter/grammar.ts';
import { type ReadQuery, readFilter, type Test } from './filter/read-filter.ts';
import type { DetectionTimesAnswer } from './policies/policy-answers.ts';
import type { DetectionGroupsAnswer, DetectionsAnswer, ListedDetection, StoredDetection } from './policies/records.ts';
import type { DetectionFilter } from './policies/stored.ts';
import type { PortalContext } from './portal-context.ts';
import { previewEvent } from './preview.ts';
import { readList } from './read-list.ts';
import { readVersion } from './versions.ts';

/**
 * `GET /api/detections`, newest first, or the worst first with `sort=-severity`: narrowed by `state`, `severity`, `policy`,
 * `agent`, `user`, `workspace`, `session`, `event`, `assignee` (each several times, or with `-` for "not"), `from`, `to`.
 * With `view=groups` one row for each policy and session: `{"groups":[{"detection","count"}]}`.
 */
export async function listDetections(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { misunderstood, page, ...asked } = readList(DETECTION_GRAMMAR, query, portal.now());
  const { filter: wanted, order } = detectionsAsked(asked);
  const { detections } = portal.store;
  if (query.get('view') === 'groups') {
    const { items, next } = await detections.groups(person.organisation.id, wanted, page);
    const groups: DetectionGroupsAnswer['groups'] = [];
    for (const { detection, count } of items) {
      groups.push({ detection: await withExcerpt(portal, person, detection), count });
    }
    return ok({ groups, next, misunderstood } satisfies DetectionGroupsAnswer);
  }
  const { items, next } = await detections.list(person.organisation.id, wanted, { ...page, order });
  const shown: ListedDetection[] = [];
  for (const each of items) shown.push(await withExcerpt(portal, person, each));
  return ok({ detections: shown, next, misunderstood } satisfies DetectionsAnswer);
}

/** A list's query as the store of detections wants it. Pure. */
export function detectionsAsked({ filter, sort }: Pick<ReadQuery, 'filter' | 'sort'>): {
  filter: DetectionFilter;
  order: 'time' | 'severity';
} {
  const { tests = {}, from, to } = filter;
  const fields = tests as Readonly<Record<string, Test<string>>>;
  return {
    filter: { fields, ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    order: sort?.by === 'severity' ? 'severity' : 'time',
  };
}

/** Asked for one after the other: an event may be large, and a page has a thousand. */
async function withExcerpt(
  portal: PortalContext,
  person: Person,
  detection: StoredDetection,
): Promise<ListedDetection> {
  const stored = await portal.store.events.get(person.organisation.id, detection.event);
  return { ...detection, excerpt: stored === undefined ? null : excerptOf(stored.event, detection.evidence) };
}

/** `GET /api/detections/:id`, with its history. */
export async function getDetection(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const found = await portal.store.detections.get(person.organisation.id, id);
  if (found === undefined) throw notFound('detection');
  return { status: 200, json: found, headers: { etag: `"${found.detection.version}"` } };
}

/**
 * `GET /api/detections/:id/context`: the events it rests on, with two before and two after the one that names it, in order; and
 * what each part of the policy's expression says of that event.
 */
export async function getContext(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const found = await portal.store.detections.get(person.organisation.id, id);
  if (found === undefined) throw notFound('detection');
  const { events, clauses } = await aroundDetection(portal.store, person.organisation.id, found.detection);
  // What is marked has to be there whole; a very large event is shown as lists show it.
  const isWhole = (size: number) => size <= MAX_WHOLE;
  return ok({
    events: events.map((event) => (isWhole(JSON.stringify(event).length) ? event : previewEvent(event))),
    clauses,
  });
}
const MAX_WHOLE = 262_144;

/** `GET /api/detections/counts`: by state and severity, for the front page and the menu. */
export async function countDetections(portal: PortalContext, person: Person): Promise<Answer> {
  return ok({ counts: await portal.store.detections.counts(person.organisation.id) });
}

const TOP = 10;

/** `GET /api/detections/times`: how many of each severity over time, of the list's filter, and which policies found the most. */
export async function detectionTimes(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const now = portal.now();
  const { misunderstood, ...asked } = readFilter(DETECTION_GRAMMAR, query, now);
  const { filter } = detectionsAsked(asked);
  const { step, stepMs } = chartStep(filter, now);
  const { detections } = portal.store;
  const org = person.organisation.id;
  const [times, top] = await Promise.all([detections.times(org, filter, step), detections.top(org, filter, TOP)]);
  return ok({ times, stepMs, top, misunderstood } satisfies DetectionTimesAnswer);
}

const said = z.string().trim().max(2_000);
export const changeSchema = z
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
type Change = z.infer<typeof changeSchema>;

/** `PATCH /api/detections/:id` with `If-Match`: state, assignee, note. Refuses (409) when somebody else was faster, and says who (`last`). */
export async function changeDetection(
  portal: PortalContext,
  person: Person,
  { id, incoming, body }: { id: string; incoming: IncomingMessage; body: unknown },
): Promise<Answer> {
  const version = readVersion(incoming);
  const change = changeFrom(read(changeSchema, body));
  const org = person.organisation.id;
  if ((await portal.store.detections.get(org, id)) === undefined) throw notFound('detection');
  const done = await portal.store.detections.change(org, id, version, change, portal.now().toISOString(), person.actor);
  if (!done) return conflict(portal, org, id);
  portal.announcer.announce(org, { events: 0, sessions: [], agents: [], detections: 1 });
  return getDetection(portal, person, id);
}

export const manySchema = z.strictObject({
  detections: z
    .array(z.strictObject({ id: idSchema, version: z.int().min(1) }))
    .min(1)
    .max(500),
  change: changeSchema,
});

/**
 * `POST /api/detections/changes`: one change to up to 500 at once, each with the version that was seen. Answers which were
 * changed; the others have been changed by somebody else meanwhile, or are not there.
 */
export async function changeDetections(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { detections, change } = read(manySchema, body);
  const org = person.organisation.id;
  const at = portal.now().toISOString();
  const changed = await portal.store.detections.changeMany(org, detections, changeFrom(change), at, person.actor);
  portal.announcer.announce(org, { events: 0, sessions: [], agents: [], detections: changed.length });
  const done = new Set(changed);
  return ok({ changed, unchanged: detections.map(({ id }) => id).filter((id) => !done.has(id)) });
}

// A state other than closed has no reason: that of an earlier closing goes.
const changeFrom = ({ state, reason, ...rest }: Change) => ({
  ...rest,
  ...(state !== undefined && { state, reason: reason ?? null }),
});

async function conflict(portal: PortalContext, org: string, id: string): Promise<Answer> {
  const now = await portal.store.detections.get(org, id);
  const message = 'The detection has been changed meanwhile; look at it again';
  const last = now?.history.at(-1) ?? null;
  return { status: 409, json: { error: { code: 'version-conflict', message }, detection: now?.detection, last } };
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  return checkBody(schema, body, 'change-invalid');
}
