import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent, ContentLevel } from '../../../core/event.ts';
import { describe } from '../../../core/failure.ts';
import type { Log } from '../../../core/log.ts';
import type { Finding, Judgement, Unjudged } from '../../policies/judge.ts';
import type { Severity } from '../../policies/policy.ts';
import type { RuleSet } from '../../policies/rule-set.ts';
import type { Judging } from '../../policies/stored.ts';
import { detectionId, FAILURES_IN_ROW, STRIKES } from '../judging-bounds.ts';
import { recordAct } from './acts.ts';
import { addDetection } from './detections.ts';
import { addNotices } from './notifications.ts';
import { activePolicies, advance, epochOf } from './policies.ts';
import { keepMarks } from './sequence-findings.ts';

/** Keeps an organisation's policies compiled for as long as they do not change. */
export interface RuleCache {
  rulesFor(org: string, judging: Judging, at: string): RuleSet;
}

/** A cache over this database. It asks for the state of the policies inside the caller's transaction. */
export function cacheRules(database: Database): RuleCache {
  const known = new Map<string, { epoch: number; rules: RuleSet }>();
  return {
    rulesFor(org, judging, at) {
      const epoch = epochOf(database, org);
      const cached = known.get(org);
      if (cached?.epoch === epoch) return cached.rules;
      const { rules, refused } = judging.ready(activePolicies(database, org));
      for (const { id, problem } of refused)
        switchOff(database, org, id, `no longer understood: ${problem.message}`, at);
      known.set(org, { epoch, rules });
      return rules;
    },
  };
}

/**
 * Judges events that were just stored, inside the transaction that stored them, and answers the severity of each new detection. Whatever goes
 * wrong, the events stay stored and are noted as unjudged: that is the point of catching everything here.
 */
export function judgeStored(
  database: Database,
  cache: RuleCache,
  judging: Judging | undefined,
  { org, events, at }: { org: string; events: readonly CapsuleEvent[]; at: string },
  log?: Log,
): Severity[] {
  if (events.length === 0) return [];
  const unjudged = withBefore(database, org, events);
  if (judging === undefined) return setAside(database, org, events, at);
  let judgement: Judgement;
  try {
    judgement = judging.judge(cache.rulesFor(org, judging, at), unjudged);
  } catch (error) {
    log?.error('events were stored and not judged', { reason: describe(error) });
    return setAside(database, org, events, at);
  }
  return keep(database, org, judgement, at);
}

function setAside(database: Database, org: string, events: readonly { id: string }[], at: string): Severity[] {
  const insert = database.prepare(
    `INSERT INTO unjudged (org_id, event_id, since, tries) VALUES (?, ?, ?, 1)
     ON CONFLICT (org_id, event_id) DO UPDATE SET tries = tries + 1`,
  );
  for (const { id } of events) insert.run(org, id, at);
  return [];
}

function keepFound(
  database: Database,
  org: string,
  { findings, marks }: Judgement,
  at: string,
  retrospective: boolean,
): NewlyFound[] {
  const added = findings.flatMap((finding) => addFinding(database, org, finding, at, retrospective) ?? []);
  return [...added, ...keepMarks(database, org, marks, at, retrospective)];
}
type NewlyFound = { id: string; severity: Severity };

/** Keeps what a look back found; nobody is told, and no policy is held to have failed. */
export const keepRetrospective = (database: Database, org: string, found: Judgement, at: string): number =>
  keepFound(database, org, found, at, true).length;

function keep(database: Database, org: string, judgement: Judgement, at: string): Severity[] {
  const added = keepFound(database, org, judgement, at, false);
  keepFailures(database, org, judgement, at);
  countInRow(database, org, judgement, at);
  setAside(
    database,
    org,
    judgement.unjudged.map((id) => ({ id })),
    at,
  );
  addNotices(database, org, added, at);
  return added.map(({ severity }) => severity);
}

function addFinding(database: Database, org: string, finding: Finding, at: string, retrospective: boolean) {
  const { policy, event, evidence } = finding;
  const id = detectionId(org, policy.id, event.id);
  const added = addDetection(database, org, { id, policy, event, evidence, at, retrospective });
  return added ? { id, severity: policy.severity } : undefined;
}

function keepFailures(database: Database, org: string, { failures, slow }: Judgement, at: string): void {
  const hour = `${at.slice(0, 13)}:00:00.000Z`;
  const count = database.prepare(
    `INSERT INTO policy_failures (org_id, policy_id, hour, count, code, message, event_id) VALUES (?, ?, ?, 1, ?, ?, ?)
     ON CONFLICT (org_id, policy_id, hour) DO UPDATE SET count = count + 1, code = excluded.code, message = excluded.message,
       event_id = excluded.event_id`,
  );
  for (const { policy, event, code, message } of failures) count.run(org, policy, hour, code, message, event);
  for (const { policy, event } of slow) {
    count.run(org, policy, hour, 'too_slow', 'It took longer than an event may take', event);
    const strikes = database
      .prepare('UPDATE policies SET strikes = strikes + 1 WHERE org_id = ? AND policy_id = ? RETURNING strikes')
      .get(org, policy);
    if (Number(strikes?.strikes ?? 0) !== STRIKES) continue;
    switchOff(database, org, policy, 'took too long three times', at);
  }
}

/** A policy that fails on event after event finds nothing and costs its author's trust: it is switched off, which shows. */
function countInRow(database: Database, org: string, { sound, failing }: Judgement, at: string): void {
  const known = database
    .prepare('SELECT policy_id AS id FROM policies WHERE org_id = ? AND failures_in_row > 0')
    .all(org);
  const forget = database.prepare('UPDATE policies SET failures_in_row = 0 WHERE org_id = ? AND policy_id = ?');
  for (const id of known.map((row) => String(row.id))) if (sound.has(id)) forget.run(org, id);
  const add = database.prepare(
    `UPDATE policies SET failures_in_row = failures_in_row + ? WHERE org_id = ? AND policy_id = ? AND enabled = 1
     RETURNING failures_in_row AS count`,
  );
  for (const [id, count] of failing) {
    const inRow = Number(add.get(count, org, id)?.count ?? 0);
    if (inRow >= FAILURES_IN_ROW) switchOff(database, org, id, `failed on ${inRow} events in a row`, at);
  }
}

function switchOff(database: Database, org: string, policy: string, trouble: string, at: string): void {
  database
    .prepare('UPDATE policies SET enabled = 0, trouble = ? WHERE org_id = ? AND policy_id = ?')
    .run(trouble, org, policy);
  advance(database, org);
  recordAct(database, org, { time: at, actor: 'portal', act: 'disabled', object: `policy:${policy}` });
}

/** Each event with the content level that its device and workspace had before it; levels of older events tell nothing new. */
function withBefore(database: Database, org: string, events: readonly CapsuleEvent[]): Unjudged[] {
  const find = database.prepare(
    'SELECT level, time FROM content_levels WHERE org_id = ? AND device_id = ? AND workspace_id = ?',
  );
  const levels = new Map<string, { level: ContentLevel; time: string; place: [string, string] }>();
  const unjudged = events.map((event) => {
    const place: [string, string] = [event.device.id, event.workspace?.id ?? ''];
    const name = place.join(' ');
    const stored = find.get(org, ...place) as { level: ContentLevel; time: string } | undefined;
    const last = levels.get(name) ?? stored;
    const late = last !== undefined && event.time < last.time;
    if (!late) levels.set(name, { level: event.source.content, time: event.time, place });
    return { event, before: { content: late ? null : (last?.level ?? null) } };
  });
  const write = database.prepare(
    `INSERT INTO content_levels (org_id, device_id, workspace_id, level, time) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (org_id, device_id, workspace_id) DO UPDATE SET level = excluded.level, time = excluded.time`,
  );
  for (const { level, time, place } of levels.values()) write.run(org, ...place, level, time);
  return unjudged;
}
