import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { idSchema } from './event-schema.ts';
import { type Rule, SEVERITIES, sequenceSchema, targetsSchema } from './policies/policy.ts';
import type { PolicyDraft, StoredPolicy } from './policies/records.ts';
import { checkRule, type RuleProblem } from './policies/rule-set.ts';
import { tryRule } from './policies/try-rule.ts';
import type { PortalContext } from './portal-context.ts';
import { readVersion, versionConflict } from './versions.ts';

const text = z.string().max(4_000);
const ids = z.array(z.string().max(40)).max(20);
export const draftSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  severity: z.enum(SEVERITIES),
  description: z
    .strictObject({
      finds: text.default(''),
      why: text.default(''),
      falsePositives: text.default(''),
      attack: ids.default([]),
      atlas: ids.default([]),
      owasp: ids.default([]),
    })
    .prefault({}),
  expression: z.string().min(1).max(20_000).nullable().default(null),
  sequence: sequenceSchema.nullable().default(null),
  targets: targetsSchema.prefault({}),
  enabled: z.boolean().default(false),
  note: z.string().max(2_000).default(''),
});
export const changeSchema = draftSchema.partial();
export const ruleSchema = draftSchema.pick({ expression: true, sequence: true });

/** `GET /api/policies`: all of them, with what they found in the last week, and whether there are events that were not judged. */
export async function listPolicies(portal: PortalContext, person: Person): Promise<Answer> {
  await portal.installPack(person.organisation.id);
  const { policies } = portal.store;
  const [list, health] = await Promise.all([
    policies.list(person.organisation.id, portal.now().toISOString()),
    policies.health(person.organisation.id),
  ]);
  return ok({ policies: list, health, next: null });
}

/** `GET /api/policies/:id`, with every version it had. */
export async function getPolicy(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const policy = await mustFindPolicy(portal, person, id);
  return answerPolicy(policy, { versions: await portal.store.policies.versions(person.organisation.id, id) });
}

/** `POST /api/policies`. Refuses (422) `policy-invalid` with `problems` what may not be judged. */
export async function createPolicy(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { note, ...given } = readPolicy(draftSchema, body);
  const draft = checked(given);
  if (Array.isArray(draft)) return invalid(draft);
  await portal.installPack(person.organisation.id);
  const id = `pol_${randomBytes(8).toString('hex')}`;
  await portal.store.policies.create(person.organisation.id, id, draft, note, portal.now().toISOString(), person.actor);
  return { ...answerPolicy(await mustFindPolicy(portal, person, id)), status: 201 };
}

/**
 * `PATCH /api/policies/:id` with `If-Match`: a new version; what is not named stays. Refuses (409) when the version is another, and answers the one that is stored,
 * (422) `policy-invalid`.
 */
export async function updatePolicy(
  portal: PortalContext,
  person: Person,
  { id, incoming, body }: { id: string; incoming: IncomingMessage; body: unknown },
): Promise<Answer> {
  const version = readVersion(incoming);
  const { note = '', ...change } = readPolicy(changeSchema, body);
  const stored = await mustFindPolicy(portal, person, id);
  const { name, severity, description, expression, sequence, targets, enabled } = stored;
  // Defaults are for what is new: here, only what the request names counts.
  const named = Object.fromEntries(Object.entries(change).filter(([key]) => Object.hasOwn(Object(body), key)));
  const draft = checked({ ...{ name, severity, description, expression, sequence, targets, enabled }, ...named });
  if (Array.isArray(draft)) return invalid(draft);
  const at = portal.now().toISOString();
  const done = await portal.store.policies.update(person.organisation.id, id, version, draft, note, at, person.actor);
  if (!done) return conflict(portal, person, id);
  return answerPolicy(await mustFindPolicy(portal, person, id));
}

/** `DELETE /api/policies/:id` with `If-Match`. What it found stays. */
export async function removePolicy(
  portal: PortalContext,
  person: Person,
  incoming: IncomingMessage,
  id: string,
): Promise<Answer> {
  const version = readVersion(incoming);
  await mustFindPolicy(portal, person, id);
  const done = await portal.store.policies.remove(
    person.organisation.id,
    id,
    version,
    portal.now().toISOString(),
    person.actor,
  );
  if (!done) throw versionConflict('policy');
  return ok({ ok: true });
}

/** `POST /api/policies/check`: `{"problems":[{code,message,field,start,end,line,column}]}`, empty when it may be judged. */
export async function checkPolicy(body: unknown): Promise<Answer> {
  return ok({ problems: checkRule(ruleOf(readPolicy(ruleSchema, body))) });
}

export const trySchema = ruleSchema.extend({ event: idSchema });

/** `POST /api/policies/try`: `{"steps":[{matches,clauses}]}`, what a rule says of one stored event. Keeps nothing. */
export async function tryPolicy(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { event, ...asked } = readPolicy(trySchema, body);
  const stored = await portal.store.events.get(person.organisation.id, event);
  if (stored === undefined) throw notFound('event');
  return ok({ steps: tryRule(ruleOf(asked), stored.event) });
}

/** The policy. Refuses (404). */
export async function mustFindPolicy(portal: PortalContext, person: Person, id: string): Promise<StoredPolicy> {
  await portal.installPack(person.organisation.id);
  const policy = await portal.store.policies.get(person.organisation.id, id, portal.now().toISOString());
  if (policy === undefined) throw notFound('policy');
  return policy;
}

async function conflict(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const { code, message } = versionConflict('policy');
  return { status: 409, json: { error: { code, message }, policy: await mustFindPolicy(portal, person, id) } };
}

const answerPolicy = (policy: StoredPolicy, more: object = {}) => ({
  status: 200,
  json: { policy, ...more },
  headers: { etag: `"${policy.version}"` },
});

/** What a request about a policy says. Refuses (400) `policy-unreadable`. */
export function readPolicy<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  return checkBody(schema, body, 'policy-unreadable');
}

/** The one rule that a request names. Refuses (400) `policy-unreadable`. */
export function ruleOf({ expression, sequence }: { expression: string | null; sequence: Rule['sequence'] }): Rule {
  if (expression !== null && sequence === null) return { expression, sequence };
  if (expression === null && sequence !== null) return { expression, sequence };
  throw new Refusal(400, 'policy-unreadable', 'A policy has either an expression or a sequence');
}

/** The draft, or what is wrong with its rule. */
function checked(
  given: Omit<PolicyDraft, 'expression' | 'sequence'> & Parameters<typeof ruleOf>[0],
): PolicyDraft | RuleProblem[] {
  const rule = ruleOf(given);
  const problems = checkRule(rule);
  return problems.length > 0 ? problems : { ...given, ...rule };
}

/** 422 with what is wrong with a rule, and where. */
export const invalid = (problems: RuleProblem[]): Answer => ({
  status: 422,
  json: { error: { code: 'policy-invalid', message: problems[0]?.message ?? 'The policy cannot be judged' }, problems },
});
