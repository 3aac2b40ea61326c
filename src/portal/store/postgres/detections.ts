import type { CapsuleEvent } from '../../../core/event.ts';
import { changesBetween } from '../../noted-act.ts';
import type { Severity } from '../../policies/policy.ts';
import type { DetectionStep, Evidence, StoredDetection } from '../../policies/records.ts';
import type { DetectionChange, DetectionStore } from '../../policies/stored.ts';
import { toPage } from '../cursor.ts';
import { addDetectionConditions, readPlace, writePlace } from '../detection-conditions.ts';
import { type DetectionRow, STEP_LENGTH, startOfStep, toDetection } from '../detection-row.ts';
import { recordAct } from './acts.ts';
import { forOrg } from './conditions.ts';
import type { Database, OfOrg } from './database.ts';

const NAMED = `*, user_name AS "user",
  (SELECT name FROM policies p WHERE p.org_id = d.org_id AND p.policy_id = d.policy_id) AS policy_name`;
const SELECT = `SELECT d.${NAMED} FROM detections d`;

/** A row's place among all changes: the organisation's next. */
export const NEXT_STEP = '(SELECT max(step) + 1 FROM detections s WHERE s.org_id = $1)';

const detectionsWhere = (filter: Parameters<typeof addDetectionConditions>[1]) => {
  const where = forOrg();
  addDetectionConditions(where, filter, 'user_name');
  return where;
};

/** The store's detections, in this database. */
export function detectionsIn(database: Database): DetectionStore {
  return {
    list: (org, filter, page) => list(database.of(org), filter, page),
    groups: (org, filter, page) => groups(database.of(org), filter, page),
    async get(org, id) {
      return database.reading(org, async (rows) => {
        const row = await rows.get<DetectionRow>(`${SELECT} WHERE org_id = $1 AND detection_id = ?`, [id]);
        if (row === undefined) return undefined;
        const history = await rows.all<Omit<DetectionStep, 'change'> & { change: string }>(
          'SELECT version, at, by, change, note FROM detection_history WHERE org_id = $1 AND detection_id = ? ORDER BY version',
          [id],
        );
        return {
          detection: toDetection(row),
          history: history.map((step) => ({ ...step, change: JSON.parse(step.change) as DetectionStep['change'] })),
        };
      });
    },
    change: (org, id, version, change, at, by) =>
      database.writing(org, (rows) => changeDetection(rows, { id, version }, change, at, by)),
    changeMany: (org, wanted, change, at, by) =>
      database.writing(org, async (rows) => {
        const changed: string[] = [];
        for (const each of wanted) if (await changeDetection(rows, each, change, at, by)) changed.push(each.id);
        return changed;
      }),
    counts: (org) =>
      database
        .of(org)
        .all('SELECT state, severity, count(*) AS count FROM detections WHERE org_id = $1 GROUP BY state, severity'),
    async times(org, filter, step) {
      const where = detectionsWhere(filter);
      const found = await database.of(org).all<Awaited<ReturnType<DetectionStore['times']>>[number]>(
        `SELECT substr(time, 1, ${STEP_LENGTH[step]}) AS start, severity, count(*) AS count FROM detections
           WHERE ${where.sql.join(' AND ')} GROUP BY 1, 2 ORDER BY 1`,
        where.values,
      );
      return found.map((row) => ({ ...row, start: startOfStep(row.start) }));
    },
    top(org, filter, limit) {
      const where = detectionsWhere(filter);
      return database.of(org).all(
        `SELECT g.policy_id AS policy, g.count, p.name FROM (SELECT org_id, policy_id, count(*) AS count FROM detections
           WHERE ${where.sql.join(' AND ')} GROUP BY org_id, policy_id ORDER BY count(*) DESC, policy_id LIMIT ?) g
         LEFT JOIN policies p ON p.org_id = g.org_id AND p.policy_id = g.policy_id ORDER BY g.count DESC, g.policy_id`,
        [...where.values, limit],
      );
    },
  };
}

async function list(
  rows: OfOrg,
  filter: Parameters<DetectionStore['list']>[1],
  { limit, after, order = 'time' }: Parameters<DetectionStore['list']>[2],
): ReturnType<DetectionStore['list']> {
  const where = detectionsWhere(filter);
  const place = order === 'time' ? ['time', 'seq'] : ['rank', 'time', 'seq'];
  const cursor = after === undefined ? undefined : readPlace(after, place.length);
  if (cursor !== undefined) {
    where.sql.push(`(${place.join(', ')}) < (${place.map(() => '?').join(', ')})`);
    where.values.push(...cursor);
  }
  const found = await rows.all<DetectionRow>(
    `${SELECT} WHERE ${where.sql.join(' AND ')} ORDER BY ${place.map((name) => `${name} DESC`).join(', ')} LIMIT ?`,
    [...where.values, limit + 1],
  );
  const placeOf = ({ rank, time, seq }: DetectionRow) => (order === 'time' ? [time, seq] : [rank, time, seq]);
  return toPage(found, limit, (row) => writePlace(placeOf(row)), toDetection);
}

async function groups(
  rows: OfOrg,
  filter: Parameters<DetectionStore['groups']>[1],
  { limit, after }: Parameters<DetectionStore['groups']>[2],
): ReturnType<DetectionStore['groups']> {
  const where = detectionsWhere(filter);
  const cursor = after === undefined ? undefined : readPlace(after, 3);
  const found = await rows.all<DetectionRow & { group_count: number }>(
    `SELECT d.${NAMED} FROM (
       SELECT DISTINCT ON (policy_id, session_id) *, count(*) OVER (PARTITION BY policy_id, session_id) AS group_count
       FROM detections WHERE ${where.sql.join(' AND ')}
       ORDER BY policy_id, session_id, rank DESC, time DESC, seq DESC) d
     ${cursor === undefined ? '' : 'WHERE (rank, time, seq) < (?, ?, ?)'} ORDER BY rank DESC, time DESC, seq DESC LIMIT ?`,
    [...where.values, ...(cursor ?? []), limit + 1],
  );
  const toGroup = (row: (typeof found)[number]) => ({ detection: toDetection(row), count: row.group_count });
  return toPage(found, limit, ({ rank, time, seq }) => writePlace([rank, time, seq]), toGroup);
}

/** What a policy or a sequence found. */
export interface NewDetection {
  id: string;
  policy: { id: string; version: number; severity: Severity };
  event: CapsuleEvent;
  evidence: readonly Evidence[];
  at: string;
  retrospective: boolean;
}

/** Adds a detection; false when it was there already. */
export async function addDetection(
  rows: OfOrg,
  { id, policy, event, evidence, at, retrospective }: NewDetection,
): Promise<boolean> {
  const changes = await rows.run(
    `INSERT INTO detections (org_id, detection_id, policy_id, policy_version, severity, event_id, session_id, device_id,
       user_name, workspace, time, found_at, evidence, retrospective, state, version, changed_at, step)
     VALUES ($1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 1, ?,
       (SELECT coalesce(max(step), 0) + 1 FROM detections WHERE org_id = $1)) ON CONFLICT (org_id, detection_id) DO NOTHING`,
    [
      ...[id, policy.id, policy.version, policy.severity, event.id, event.session.id, event.device.id],
      ...[event.device.user, event.workspace?.path ?? null, event.time, at, JSON.stringify(evidence)],
      ...[Number(retrospective), at],
    ],
  );
  return changes > 0;
}

async function changeDetection(
  rows: OfOrg,
  { id, version }: { id: string; version: number },
  { note, ...change }: DetectionChange,
  at: string,
  by: string,
): Promise<boolean> {
  const { state, reason, assignee } = change;
  const before = await rows.get<Record<string, unknown>>(
    'SELECT state, reason, assignee FROM detections WHERE org_id = $1 AND detection_id = ?',
    [id],
  );
  const changed = await rows.run(
    `UPDATE detections SET version = version + 1, changed_at = ?, state = coalesce(?, state), step = ${NEXT_STEP},
       reason = CASE WHEN ? = 1 THEN ? ELSE reason END, assignee = CASE WHEN ? = 1 THEN ? ELSE assignee END
     WHERE org_id = $1 AND detection_id = ? AND version = ?`,
    [
      ...[at, state ?? null, Number(reason !== undefined), reason ?? null],
      ...[Number(assignee !== undefined), assignee ?? null, id, version],
    ],
  );
  if (changed === 0) return false;
  await addStep(rows, id, { version: version + 1, at, by, change, note });
  const changes = changesBetween({ ...before }, { ...change });
  await recordAct(rows, { time: at, actor: by, act: state ?? 'noted', object: `detection:${id}`, changes });
  return true;
}

/** Writes one line of a detection's history. */
export async function addStep(
  rows: OfOrg,
  id: string,
  { version, at, by, change, note }: DetectionStep,
): Promise<void> {
  await rows.run(
    'INSERT INTO detection_history (org_id, detection_id, version, at, by, change, note) VALUES ($1, ?, ?, ?, ?, ?, ?)',
    [id, version, at, by, JSON.stringify(change), note],
  );
}

/** The detections with these ids, in their order. */
export async function findDetections(rows: OfOrg, ids: readonly string[]): Promise<StoredDetection[]> {
  const found = await rows.all<DetectionRow>(`${SELECT} WHERE org_id = $1 AND detection_id = ANY(?::text[])`, [ids]);
  const byId = new Map(found.map((row) => [row.detection_id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [toDetection(row)];
  });
}
