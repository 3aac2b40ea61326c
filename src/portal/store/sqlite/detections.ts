import { type Database, inTransaction } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Evidence } from '../../policies/evidence.ts';
import type { Severity } from '../../policies/policy.ts';
import type {
  DetectionChange,
  DetectionFilter,
  DetectionStep,
  DetectionStore,
  StoredDetection,
} from '../../policies/stored.ts';
import { recordAct } from './acts.ts';
import { and, type Conditions, forOrg } from './conditions.ts';
import { readCursor, toPage, writeCursor } from './cursor.ts';

const SELECT = `SELECT d.*, (SELECT name FROM policies p WHERE p.org_id = d.org_id AND p.policy_id = d.policy_id) AS policy_name
  FROM detections d`;

/** The store's detections, in this database. */
export function detectionsIn(database: Database): DetectionStore {
  return {
    async list(org, filter, { limit, after }) {
      const where = conditions(org, filter, after);
      const rows = database
        .prepare(`${SELECT} WHERE ${where.sql.join(' AND ')} ORDER BY time DESC, seq DESC LIMIT ?`)
        .all(...where.values, limit + 1) as unknown as DetectionRow[];
      return toPage(rows, limit, (row) => writeCursor(row.time, row.seq), toDetection);
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
    async counts(org) {
      return database
        .prepare('SELECT state, severity, count(*) AS count FROM detections WHERE org_id = ? GROUP BY state, severity')
        .all(org) as unknown as Awaited<ReturnType<DetectionStore['counts']>>;
    },
  };
}

function conditions(org: string, filter: DetectionFilter, after: string | undefined): Conditions {
  const where = forOrg(org);
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values === undefined || values.length === 0) return;
    where.sql.push(`${column} IN (${values.map(() => '?').join(', ')})`);
    where.values.push(...values);
  };
  among('state', filter.states);
  among('severity', filter.severities);
  and(where, 'policy_id = ?', filter.policy);
  and(where, 'device_id = ?', filter.agent);
  and(where, 'user = ?', filter.user);
  and(where, 'session_id = ?', filter.session);
  and(where, 'event_id = ?', filter.event);
  and(where, 'assignee = ?', filter.assignee);
  and(where, 'time >= ?', filter.from);
  and(where, 'time <= ?', filter.to);
  const cursor = after === undefined ? undefined : readCursor(after);
  if (cursor !== undefined) {
    where.sql.push('(time, seq) < (?, ?)');
    where.values.push(...cursor);
  }
  return where;
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
         workspace, time, found_at, evidence, retrospective, state, version, changed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 1, ?) ON CONFLICT (org_id, detection_id) DO NOTHING`,
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
  const changed = database
    .prepare(
      `UPDATE detections SET version = version + 1, changed_at = $at, state = coalesce($state, state),
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
  recordAct(database, org, { time: at, actor: by, act: state ?? 'noted', object: `detection:${id}` });
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

interface DetectionRow {
  seq: number;
  detection_id: string;
  policy_id: string;
  policy_name: string | null;
  policy_version: number;
  severity: Severity;
  event_id: string;
  session_id: string;
  device_id: string;
  user: string;
  workspace: string | null;
  time: string;
  found_at: string;
  evidence: string;
  retrospective: number;
  state: StoredDetection['state'];
  reason: string | null;
  assignee: string | null;
  version: number;
  changed_at: string;
}

/** The detections with these ids, in their order. */
export function findDetections(database: Database, org: string, ids: readonly string[]): StoredDetection[] {
  const find = database.prepare(`${SELECT} WHERE org_id = ? AND detection_id = ?`);
  return ids.flatMap((id) => {
    const row = find.get(org, id);
    return row === undefined ? [] : [toDetection(row as unknown as DetectionRow)];
  });
}

function toDetection(row: DetectionRow): StoredDetection {
  return {
    id: row.detection_id,
    policy: row.policy_id,
    policyName: row.policy_name ?? row.policy_id,
    policyVersion: row.policy_version,
    severity: row.severity,
    event: row.event_id,
    session: row.session_id,
    agent: row.device_id,
    user: row.user,
    workspace: row.workspace,
    time: row.time,
    foundAt: row.found_at,
    evidence: JSON.parse(row.evidence) as Evidence[],
    retrospective: row.retrospective === 1,
    state: row.state,
    reason: row.reason,
    assignee: row.assignee,
    version: row.version,
    changedAt: row.changed_at,
  };
}
