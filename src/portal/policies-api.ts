import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { explain } from './event-schema.ts';
import { dryRun } from './policies/dry-run.ts';
import { type Rule, SEVERITIES, sequenceSchema, targetsSchema } from './policies/policy.ts';
import { checkRule, type RuleProblem } from './policies/rule-set.ts';
import type { PolicyDraft, StoredPolicy } from './policies/stored.ts';
import type { PortalContext } from './portal-context.ts';
import { readVersion, versionConflict } from './versions.ts';

const text = z.string().max(4_000);
const ids = z.array(z.string().max(40)).max(20);
const draftSchema = z.strictObject({
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
const changeSchema = draftSchema.partial();
const ruleSchema = draftSchema.pick({ expression: true, sequence: true });

/** `GET /api/policies`: all of them, with what they found in the last week. */
export async function listPolicies(portal: PortalContext, person: Person): Promise<Answer> {
  await portal.installPack(person.organisation.id);
  return ok({
    policies: await portal.store.policies.list(person.organisation.id, portal.now().toISOString()),
    next: null,
  });
}

/** `GET /api/policies/:id`, with every version it had. */
export async function getPolicy(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const policy = await mustFind(portal, person, id);
  return answerPolicy(policy, { versions: await portal.store.policies.versions(person.organisation.id, id) });
}

/** `POST /api/policies`. Refuses (422) `policy-invalid` with `problems` what may not be judged. */
export async function createPolicy(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const { note, ...given } = read(draftSchema, body);
  const draft = checked(given);
  if (Array.isArray(draft)) return invalid(draft);
  await portal.installPack(person.organisation.id);
  const id = `pol_${randomBytes(8).toString('hex')}`;
  await portal.store.policies.create(person.organisation.id, id, draft, note, portal.now().toISOString(), person.actor);
  return { ...answerPolicy(await mustFind(portal, person, id)), status: 201 };
}

/**
 * `PATCH /api/policies/:id` with `If-Match`: a new version; what is not named stays. Refuses (409) when the version is another,
 * (422) `policy-invalid`.
 */
export async function updatePolicy(
  portal: PortalContext,
  person: Person,
  { id, incoming, body }: { id: string; incoming: IncomingMessage; body: unknown },
): Promise<Answer> {
  const version = readVersion(incoming);
  const { note = '', ...change } = read(changeSchema, body);
  const stored = await mustFind(portal, person, id);
  const { name, severity, description, expression, sequence, targets, enabled } = stored;
  // Defaults are for what is new: here, only what the request names counts.
  const named = Object.fromEntries(Object.entries(change).filter(([key]) => Object.hasOwn(Object(body), key)));
  const draft = checked({ ...{ name, severity, description, expression, sequence, targets, enabled }, ...named });
  if (Array.isArray(draft)) return invalid(draft);
  const at = portal.now().toISOString();
  const done = await portal.store.policies.update(person.organisation.id, id, version, draft, note, at, person.actor);
  if (!done) throw versionConflict('policy');
  return answerPolicy(await mustFind(portal, person, id));
}

/** `DELETE /api/policies/:id` with `If-Match`. What it found stays. */
export async function removePolicy(
  portal: PortalContext,
  person: Person,
  incoming: IncomingMessage,
  id: string,
): Promise<Answer> {
  const version = readVersion(incoming);
  await mustFind(portal, person, id);
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
  return ok({ problems: checkRule(ruleOf(read(ruleSchema, body))) });
}

const runSchema = z.strictObject({
  expression: z.string().min(1).max(20_000).exactOptional(),
  targets: targetsSchema.exactOptional(),
  from: z.iso
    .datetime({ offset: true })
    .transform((time) => new Date(time).toISOString())
    .exactOptional(),
});

/**
 * `POST /api/policies/:id/dry-run`: what this policy, with another expression or targets if the body has them, would find among
 * stored events, newest first, and how that differs from the stored version. `:id` may be `new`. Sequences are refused (422).
 */
export async function dryRunPolicy(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { expression, targets, from } = read(runSchema, body);
  const stored = id === 'new' ? undefined : await mustFind(portal, person, id);
  const tried = expression ?? stored?.expression ?? null;
  if (tried === null)
    throw new Refusal(422, 'dry-run-unsupported', 'A dry run needs an expression; sequences have none');
  const problems = checkRule({ expression: tried, sequence: null });
  if (problems.length > 0) return invalid(problems);
  const everybody = { agents: [], users: [], workspaces: [] };
  const run = await dryRun(portal, person.organisation.id, {
    draft: { expression: tried, targets: targets ?? stored?.targets ?? everybody },
    stored: stored?.expression == null ? null : { expression: stored.expression, targets: stored.targets },
    from: from ?? null,
  });
  await portal.store.note(person.organisation.id, {
    time: portal.now().toISOString(),
    actor: person.actor,
    act: 'dry run',
    object: `policy:${id}`,
  });
  return ok(run);
}

async function mustFind(portal: PortalContext, person: Person, id: string): Promise<StoredPolicy> {
  await portal.installPack(person.organisation.id);
  const policy = await portal.store.policies.get(person.organisation.id, id, portal.now().toISOString());
  if (policy === undefined) throw notFound('policy');
  return policy;
}

const answerPolicy = (policy: StoredPolicy, more: object = {}) => ({
  status: 200,
  json: { policy, ...more },
  headers: { etag: `"${policy.version}"` },
});

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, 'policy-unreadable', explain(parsed.error));
  return parsed.data;
}

function ruleOf({ expression, sequence }: { expression: string | null; sequence: Rule['sequence'] }): Rule {
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

const invalid = (problems: RuleProblem[]): Answer => ({
  status: 422,
  json: { error: { code: 'policy-invalid', message: problems[0]?.message ?? 'The policy cannot be judged' }, problems },
});
