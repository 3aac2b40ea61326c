import type { CapsuleEvent, ContentLevel } from '../../../core/event.ts';
import { describe } from '../../../core/failure.ts';
import type { Log } from '../../../core/log.ts';
import type { Finding, Judgement, Unjudged } from '../../policies/judge.ts';
import type { Severity } from '../../policies/policy.ts';
import type { RuleSet } from '../../policies/rule-set.ts';
import type { Judging } from '../../policies/stored.ts';
import { detectionId, FAILURES_IN_ROW, STRIKES } from '../judging-bounds.ts';
import { recordAct } from './acts.ts';
import type { OfOrg } from './database.ts';
import { addDetection } from './detections.ts';
import { insertAll, replacing } from './insert-all.ts';
import { addNotices } from './notifications.ts';
import { activePolicies, advance, epochOf } from './policies.ts';
import { keepMarks } from './sequence-findings.ts';

/** Keeps an organisation's policies compiled for as long as they do not change, on whichever replica. */
export interface RuleCache {
  rulesFor(rows: OfOrg, judging: Judging, at: string): Promise<RuleSet>;
}

/** It asks for the state of the policies inside the caller's transaction, so what another replica changed counts at once. */
export function cacheRules(): RuleCache {
  const known = new Map<string, { epoch: number; rules: RuleSet }>();
  return {
    async rulesFor(rows, judging, at) {
      const epoch = await epochOf(rows);
      const cached = known.get(rows.org);
      if (cached?.epoch === epoch) return cached.rules;
      const { rules, refused } = judging.ready(await activePolicies(rows));
      for (const { id, problem } of refused) await switchOff(rows, id, `no longer understood: ${problem.message}`, at);
      known.set(rows.org, { epoch, rules });
      return rules;
    },
  };
}

/**
 * Judges events that were just stored, inside the transaction that stored them, and answers the severity of each new detection. When
 * judging fails, the events stay stored and are noted as unjudged; when the database does, all of it is done again.
 */
export async function judgeStored(
  rows: OfOrg,
  cache: RuleCache,
  judging: Judging | undefined,
  { events, at }: { events: readonly CapsuleEvent[]; at: string },
  log?: Log,
): Promise<Severity[]> {
  if (events.length === 0) return [];
  const unjudged = await withBefore(rows, events);
  if (judging === undefined) return setAside(rows, events, at);
  const rules = await cache.rulesFor(rows, judging, at);
  let judgement: Judgement;
  try {
    judgement = judging.judge(rules, unjudged);
  } catch (error) {
    log?.error('events were stored and not judged', { reason: describe(error) });
    return setAside(rows, events, at);
  }
  return keep(rows, judgement, at);
}

async function setAside(rows: OfOrg, events: readonly { id: string }[], at: string): Promise<Severity[]> {
  const each = events.map(({ id }) => ({ event_id: id, since: at, tries: 1 }));
  await insertAll(
    ...([rows, 'unjudged', { event_id: 'text', since: 'text', tries: 'integer' }, each] as const),
    'ON CONFLICT (org_id, event_id) DO UPDATE SET tries = unjudged.tries + 1',
  );
  return [];
}

type NewlyFound = { id: string; severity: Severity };

async function keepFound(
  rows: OfOrg,
  { findings, marks }: Judgement,
  at: string,
  retrospective: boolean,
): Promise<NewlyFound[]> {
  const added: NewlyFound[] = [];
  for (const finding of findings) added.push(...(await addFinding(rows, finding, at, retrospective)));
  return [...added, ...(await keepMarks(rows, marks, at, retrospective))];
}

/** Keeps what a look back found; nobody is told, and no policy is held to have failed. */
export const keepRetrospective = async (rows: OfOrg, found: Judgement, at: string): Promise<number> =>
  (await keepFound(rows, found, at, true)).length;

async function keep(rows: OfOrg, judgement: Judgement, at: string): Promise<Severity[]> {
  const added = await keepFound(rows, judgement, at, false);
  await keepFailures(rows, judgement, at);
  await countInRow(rows, judgement, at);
  const unjudged = judgement.unjudged.map((id) => ({ id }));
  await setAside(rows, unjudged, at);
  await addNotices(rows, added, at);
  return added.map(({ severity }) => severity);
}

async function addFinding(rows: OfOrg, finding: Finding, at: string, retrospective: boolean): Promise<NewlyFound[]> {
  const { policy, event, evidence } = finding;
  const id = detectionId(rows.org, policy.id, event.id);
  const added = await addDetection(rows, { id, policy, event, evidence, at, retrospective });
  return added ? [{ id, severity: policy.severity }] : [];
}

async function keepFailures(rows: OfOrg, { failures, slow }: Judgement, at: string): Promise<void> {
  const hour = `${at.slice(0, 13)}:00:00.000Z`;
  const count = (policy: string, code: string, message: string, event: string) =>
    rows.run(
      `INSERT INTO policy_failures (org_id, policy_id, hour, count, code, message, event_id) VALUES ($1, ?, ?, 1, ?, ?, ?)
       ON CONFLICT (org_id, policy_id, hour) DO UPDATE SET count = policy_failures.count + 1, code = excluded.code,
         message = excluded.message, event_id = excluded.event_id`,
      [policy, hour, code, message, event],
    );
  for (const { policy, event, code, message } of failures) await count(policy, code, message, event);
  for (const { policy, event } of slow) {
    await count(policy, 'too_slow', 'It took longer than an event may take', event);
    const struck = await rows.get<{ strikes: number }>(
      'UPDATE policies SET strikes = strikes + 1 WHERE org_id = $1 AND policy_id = ? RETURNING strikes',
      [policy],
    );
    if (struck?.strikes === STRIKES) await switchOff(rows, policy, 'took too long three times', at);
  }
}

/** A policy that fails on event after event finds nothing and costs its author's trust: it is switched off, which shows. */
async function countInRow(rows: OfOrg, { sound, failing }: Judgement, at: string): Promise<void> {
  await rows.run(
    'UPDATE policies SET failures_in_row = 0 WHERE org_id = $1 AND failures_in_row > 0 AND policy_id = ANY(?::text[])',
    [[...sound]],
  );
  for (const [id, count] of failing) {
    const row = await rows.get<{ count: number }>(
      `UPDATE policies SET failures_in_row = failures_in_row + ? WHERE org_id = $1 AND policy_id = ? AND enabled = 1
       RETURNING failures_in_row AS count`,
      [count, id],
    );
    const inRow = row?.count ?? 0;
    if (inRow >= FAILURES_IN_ROW) await switchOff(rows, id, `failed on ${inRow} events in a row`, at);
  }
}

async function switchOff(rows: OfOrg, policy: string, trouble: string, at: string): Promise<void> {
  await rows.run('UPDATE policies SET enabled = 0, trouble = ? WHERE org_id = $1 AND policy_id = ?', [trouble, policy]);
  await advance(rows);
  await recordAct(rows, { time: at, actor: 'portal', act: 'disabled', object: `policy:${policy}` });
}

interface Level {
  level: ContentLevel;
  time: string;
  device_id: string;
  workspace_id: string;
}
const LEVEL = { device_id: 'text', workspace_id: 'text', level: 'text', time: 'text' } as const;

/** Each event with the content level that its device and workspace had before it; levels of older events tell nothing new. */
async function withBefore(rows: OfOrg, events: readonly CapsuleEvent[]): Promise<Unjudged[]> {
  const nameOf = ({ device_id, workspace_id }: Pick<Level, 'device_id' | 'workspace_id'>) =>
    `${device_id} ${workspace_id}`;
  const stored = await rows.all<Level>(
    'SELECT level, time, device_id, workspace_id FROM content_levels WHERE org_id = $1 AND device_id = ANY(?::text[])',
    [[...new Set(events.map(({ device }) => device.id))]],
  );
  const last = new Map(stored.map((each) => [nameOf(each), each]));
  const changed = new Map<string, Level>();
  const unjudged = events.map((event) => {
    const place = { device_id: event.device.id, workspace_id: event.workspace?.id ?? '' };
    const known = last.get(nameOf(place));
    const late = known !== undefined && event.time < known.time;
    if (!late) {
      const now = { ...place, level: event.source.content, time: event.time };
      last.set(nameOf(place), now);
      changed.set(nameOf(place), now);
    }
    return { event, before: { content: late ? null : (known?.level ?? null) } };
  });
  const key = ['device_id', 'workspace_id'];
  await insertAll(rows, 'content_levels', LEVEL, [...changed.values()], replacing(LEVEL, key));
  return unjudged;
}
