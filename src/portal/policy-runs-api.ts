import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { Person } from './authenticate.ts';
import { sequenceSchema, targetsSchema } from './policies/policy.ts';
import type { PolicyRun } from './policies/records.ts';
import { checkRule } from './policies/rule-set.ts';
import { emptyResult } from './policies/tally.ts';
import { invalid, mustFindPolicy, readPolicy, ruleOf } from './policies-api.ts';
import type { PortalContext } from './portal-context.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .nullable()
  .default(null);
export const dryRunSchema = z.strictObject({
  expression: z.string().min(1).max(20_000).nullable().default(null),
  sequence: sequenceSchema.nullable().default(null),
  targets: targetsSchema.exactOptional(),
  from: time,
});
export const judgeSchema = z.strictObject({ from: time });
const EVERYBODY = { agents: [], users: [], workspaces: [] };

/**
 * `POST /api/policies/:id/dry-run`: begins to look what this policy, with another rule or targets if the body has them, would
 * find among stored events, newest first, back to `from`, and how that differs from the stored version. `:id` may be `new`.
 * Answers (202) `{"run"}`; `GET /api/policy-runs/:id` tells how far it is. Stores no detection.
 */
export async function startDryRun(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { expression, sequence, targets, from } = readPolicy(dryRunSchema, body);
  const stored = id === 'new' ? undefined : await mustFindPolicy(portal, person, id);
  const asked = expression === null && sequence === null ? stored : { expression, sequence };
  const rule = ruleOf(asked ?? { expression, sequence });
  const problems = checkRule(rule);
  if (problems.length > 0) return invalid(problems);
  return start(portal, person, {
    ...{ policy: id, kind: 'dry-run' },
    asked: { rule, targets: targets ?? stored?.targets ?? EVERYBODY, from, comparedWith: stored?.version ?? null },
  });
}

/**
 * `POST /api/policies/:id/judge`: judges stored events back to `from` by the policy as it is stored. What it finds becomes
 * detections that are marked `retrospective`; nobody is told of them by webhook. Refuses (409) `policy-off`.
 */
export async function startJudging(portal: PortalContext, person: Person, id: string, body: unknown): Promise<Answer> {
  const { from } = readPolicy(judgeSchema, body);
  const stored = await mustFindPolicy(portal, person, id);
  if (!stored.enabled) throw new Refusal(409, 'policy-off', 'Switch the policy on first: what is off finds nothing');
  return start(portal, person, {
    ...{ policy: id, kind: 'judge' },
    asked: { rule: ruleOf(stored), targets: stored.targets, from, comparedWith: null },
  });
}

async function start(
  portal: PortalContext,
  person: Person,
  wanted: Pick<PolicyRun, 'policy' | 'kind' | 'asked'>,
): Promise<Answer> {
  const org = person.organisation.id;
  const waiting = (await portal.store.runs.unfinished()).filter((each) => each.org === org);
  if (waiting.length >= MAX_WAITING) {
    throw new Refusal(429, 'runs-waiting', `${MAX_WAITING} runs go on already; wait for one to end, or end one`);
  }
  const id = `run_${randomBytes(8).toString('hex')}`;
  const startedAt = portal.now().toISOString();
  const result = emptyResult(wanted.asked.comparedWith !== null);
  await portal.store.runs.start(org, { id, ...wanted, result, startedAt, startedBy: person.actor });
  portal.runs.wake();
  return { status: 202, json: { run: await mustFindRun(portal, person, id) } };
}
const MAX_WAITING = 5;

/** `GET /api/policy-runs/:id`: how far it is and what it has found so far. */
export async function getRun(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  return ok({ run: await mustFindRun(portal, person, id) });
}

/** `DELETE /api/policy-runs/:id`: ends it. What it has found so far stays to be read. */
export async function cancelRun(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  await mustFindRun(portal, person, id);
  await portal.runs.cancel(person.organisation.id, id);
  return ok({ ok: true });
}

async function mustFindRun(portal: PortalContext, person: Person, id: string): Promise<PolicyRun> {
  const org = person.organisation.id;
  const run = await portal.store.runs.get(org, id);
  if (run === undefined) throw notFound('run');
  const result = run.state === 'running' ? portal.runs.progress(org, id) : undefined;
  return result === undefined ? run : { ...run, result };
}
