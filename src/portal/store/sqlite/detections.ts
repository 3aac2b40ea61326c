import { type Database, inTransaction } from '../../../core/database.ts';
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

const SELECT = `SELECT d.*, (SELECT name FROM policies p WHERE p.org_id = d.org_id AND p.policy_id = d.policy_id) AS policy_name
  FROM detections d`;

/** A row's place among all changes: the organisation's next. */
export const NEXT_STEP = '(SELECT max(step) + 1 FROM detections s WHERE s.org_id = detections.org_id)';

const detectionsWhere = (org: string, filter: Parameters<typeof addDetectionConditions>[1]) => {
  const where = forOrg(org);
  addDetectionConditions(where, filter);
  return where;
};

/** The store's detections, in this database. */
export function detectionsIn(database: Database): DetectionStore {
  return {
    async list(org, filter, { limit, after, order = 'time' }) {
      const where = detectionsWhere(org, filter);
      const place = order === 'time' ? ['time', 'seq'] : ['rank', 'time', 'seq'];
      const cursor = after === undefined ? undefined : readPlace(after, place.length);
      if (cursor !== undefined) {
        where.sql.push(`(${place.join(', ')}) < (${place.map(() => '?').join(', ')})`);
        where.values.push(...cursor);
      }
      const rows = database
        .prepare(
          `${SELECT} WHERE ${where.sql.join(' AND ')} ORDER BY ${place.map((name) => `${name} DESC`).join(', ')} LIMIT ?`,
        )
        .all(...where.values, limit + 1) as unknown as DetectionRow[];
      const placeOf = ({ rank, time, seq }: DetectionRow) => (order === 'time' ? [time, seq] : [rank, time, seq]);
      return toPage(rows, limit, (row) => writePlace(placeOf(row)), toDetection);
    },
    async groups(org, filter, { limit, after }) {
      const where = detectionsWhere(org, filter);
      const [cursor] = (after === undefined ? undefined : readPlace(after, 1)) ?? [];
      // With one max() SQLite takes the other columns from the row that has it.
      const rows = database
        .prepare(
          `SELECT *, (SELECT name FROM policies p WHERE p.org_id = g.org_id AND p.policy_id = g.policy_id) AS policy_name FROM (
             SELECT d.*, count(*) AS count, max(printf('%d %s %019d', rank, time, seq)) AS place FROM detections d
             WHERE ${where.sql.join(' AND ')} GROUP BY policy_id, session_id) g
           WHERE place < ? ORDER BY place DESC LIMIT ?`,
        )
        .all(...where.values, cursor ?? '9', limit + 1) as unknown as (DetectionRow & {
        count: number;
        place: string;
      })[];
      const toGroup = (row: (typeof rows)[number]) => ({ detection: toDetection(row), count: row.count });
      return toPage(rows, limit, (row) => writePlace([row.place]), toGroup);
    },
    async get(org, id) {
      const row = database.prepare(`${SELECT} WHERE org_id = ? AND detection_id = ?`).get(org, id);
      if (row === undefined) return undefined;
      const history = database
        .prepare(
          'SELECT version, at, by, change, note FROM detection_history WHERE org_id = ? AND detection_id = ? ORDER BY version',
        )
        .all(org, id) as unknown as (Omit<DetectionStep, 'change'> & { change: string })[];
      return {
        detection: toDetection(row as unknown as DetectionRow),
        history: history.map((step) => ({ ...step, change: JSON.parse(step.change) as DetectionStep['change'] })),
      };
    },
    change: async (org, id, version, change, at, by) =>
      inTransaction(database, () => changeDetection(database, org, id, version, change, at, by)),
    changeMany: async (org, wanted, change, at, by) =>
      inTransaction(database, () =>
        wanted.flatMap(({ id, version }) => (changeDetection(database, org, id, version, change, at, by) ? [id] : [])),
      ),
    async counts(org) {
      return database
        .prepare('SELECT state, severity, count(*) AS count FROM detections WHERE org_id = ? GROUP BY state, severity')
        .all(org) as unknown as Awaited<ReturnType<DetectionStore['counts']>>;
    },
    async times(org, filter, step) {
      const where = detectionsWhere(org, filter);
      const rows = database
        .prepare(
          `SELECT substr(time, 1, ${STEP_LENGTH[step]}) AS start, severity, count(*) AS count FROM detections
           WHERE ${where.sql.join(' AND ')} GROUP BY 1, 2 ORDER BY 1`,
        )
        .all(...where.values) as unknown as Awaited<ReturnType<DetectionStore['times']>>;
      return rows.map((row) => ({ ...row, start: startOfStep(row.start) }));
    },
    async top(org, filter, limit) {
      const where = detectionsWhere(org, filter);
      return database
        .prepare(
          `SELECT policy_id AS policy, count, (SELECT name FROM policies p WHERE p.org_id = ? AND p.policy_id = g.policy_id)
             AS name FROM (SELECT policy_id, count(*) AS count FROM detections WHERE ${where.sql.join(' AND ')}
             GROUP BY policy_id ORDER BY count DESC, policy_id LIMIT ?) g`,
        )
        .all(org, ...where.values, limit) as unknown as Awaited<ReturnType<DetectionStore['top']>>;
    },
  };
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
export function addDetection(
  database: Database,
  org: string,
  { id, policy, event, evidence, at, retrospective }: NewDetection,
): boolean {
  const { changes } = database
    .prepare(
      `INSERT INTO detections (org_id, detection_id, policy_id, policy_version, severity, event_id, session_id, device_id, user,
         workspace, time, found_at, evidence, retrospective, state, version, changed_at, step)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'open', 1, ?15,
         (SELECT coalesce(max(step), 0) + 1 FROM detections WHERE org_id = ?1)) ON CONFLICT (org_id, detection_id) DO NOTHING`,
    )
    .run(
      ...[
        org,
        id,
        policy.id,
        policy.version,
        policy.severity,
        event.id,
        event.session.id,
        event.device.id,
        event.device.user,
      ],
      ...[event.workspace?.path ?? null, event.time, at, JSON.stringify(evidence), Number(retrospective), at],
    );
  return changes > 0;
}

function changeDetection(
  database: Database,
  org: string,
  id: string,
  version: number,
  { note, ...change }: DetectionChange,
  at: string,
  by: string,
): boolean {
  const { state, reason, assignee } = change;
  const before = database
    .prepare('SELECT state, reason, assignee FROM detections WHERE org_id = ? AND detection_id = ?')
    .get(org, id);
  const changed = database
    .prepare(
      `UPDATE detections SET version = version + 1, changed_at = $at, state = coalesce($state, state), step = ${NEXT_STEP},
         reason = CASE WHEN $setReason THEN $reason ELSE reason END, assignee = CASE WHEN $setAssignee THEN $assignee ELSE assignee END
       WHERE org_id = $org AND detection_id = $id AND version = $version`,
    )
    .run({
      ...{ org, id, version, at, state: state ?? null },
      ...{ setReason: Number(reason !== undefined), reason: reason ?? null },
      ...{ setAssignee: Number(assignee !== undefined), assignee: assignee ?? null },
    });
  if (changed.changes === 0) return false;
  addStep(database, org, id, { version: version + 1, at, by, change, note });
  const changes = changesBetween({ ...before }, { ...change });
  recordAct(database, org, { time: at, actor: by, act: state ?? 'noted', object: `detection:${id}`, changes });
  return true;
}

/** Writes one line of a detection's history. */
export function addStep(
  database: Database,
  org: string,
  id: string,
  { version, at, by, change, note }: DetectionStep,
): void {
  database
    .prepare(
      'INSERT INTO detection_history (org_id, detection_id, version, at, by, change, note) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(org, id, version, at, by, JSON.stringify(change), note);
}

/** The detections with these ids, in their order. */
export function findDetections(database: Database, org: string, ids: readonly string[]): StoredDetection[] {
  const find = database.prepare(`${SELECT} WHERE org_id = ? AND detection_id = ?`);
  return ids.flatMap((id) => {
    const row = find.get(org, id);
    return row === undefined ? [] : [toDetection(row as unknown as DetectionRow)];
  });
}
