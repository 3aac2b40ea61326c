import { type Database, inTransaction } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Stream } from '../../siem/stream.ts';
import type { StreamStore } from '../../siem/stream-store.ts';
import { type DetectionRow, toDetection } from '../detection-row.ts';
import {
  type DueRow,
  FAR_BEHIND,
  type LinkRow,
  portionOf,
  type StreamRow,
  type TargetRow,
  toDue,
  toStream,
  toTarget,
  writeSettings,
} from '../stream-row.ts';
import { recordAct } from './acts.ts';

const TARGET = `SELECT s.stream_id AS id, s.org_id AS org, o.name AS organisation, s.settings, s.secret`;

/** The store's streams, in this database. */
export function streamsIn(database: Database): StreamStore {
  return {
    list: async (org) => list(database, org),
    async add(org, { id, secret, from, ...settings }, at, by) {
      inTransaction(database, () => {
        const end = from === 'start' ? { position: 0, step: 0 } : endOf(database, org);
        database
          .prepare(
            `INSERT INTO streams (org_id, stream_id, settings, secret, created_at, created_by, position, step)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(org, id, writeSettings(settings), secret, at, by, end.position, end.step);
        recordAct(database, org, { time: at, actor: by, act: 'created', object: `stream:${id}` });
      });
    },
    remove: async (org, id, at, by) =>
      inTransaction(database, () => {
        const { changes } = database
          .prepare(
            `UPDATE streams SET deleted_at = ?, secret = '' WHERE org_id = ? AND stream_id = ? AND deleted_at IS NULL`,
          )
          .run(at, org, id);
        if (changes > 0) recordAct(database, org, { time: at, actor: by, act: 'removed', object: `stream:${id}` });
        return changes > 0;
      }),
    turn: async (org, id, enabled, at, by) =>
      inTransaction(database, () => {
        const row = database
          .prepare('SELECT disabled_at FROM streams WHERE org_id = ? AND stream_id = ? AND deleted_at IS NULL')
          .get(org, id);
        if (row === undefined) return false;
        database
          .prepare('UPDATE streams SET disabled_at = ?, next_at = NULL, tries = 0 WHERE org_id = ? AND stream_id = ?')
          .run(enabled ? null : at, org, id);
        const changes = [{ what: 'enabled', before: String(row.disabled_at === null), after: String(enabled) }];
        const act = enabled ? 'enabled' : 'disabled';
        recordAct(database, org, { time: at, actor: by, act, object: `stream:${id}`, changes });
        return true;
      }),
    async target(org, id) {
      const row = database
        .prepare(
          `${TARGET} FROM streams s JOIN organisations o ON o.org_id = s.org_id
           WHERE s.org_id = ? AND s.stream_id = ? AND s.deleted_at IS NULL`,
        )
        .get(org, id);
      return row === undefined ? undefined : toTarget(row as unknown as TargetRow);
    },
    async due(at) {
      const rows = database
        .prepare(
          `${TARGET}, s.position, s.step, s.tries FROM streams s JOIN organisations o ON o.org_id = s.org_id
           WHERE s.deleted_at IS NULL AND s.disabled_at IS NULL AND (s.next_at IS NULL OR s.next_at <= ?)`,
        )
        .all(at) as unknown as DueRow[];
      return rows.map(toDue);
    },
    eventsAfter: async (org, position, asked) => eventsAfter(database, org, position, asked),
    async detectionsAfter(org, step, { severities, limit }) {
      const rows = database
        .prepare(
          `SELECT d.*, (SELECT name FROM policies p WHERE p.org_id = d.org_id AND p.policy_id = d.policy_id) AS policy_name
           FROM detections d WHERE d.org_id = ? AND d.step > ? ORDER BY d.step LIMIT ?`,
        )
        .all(org, step, limit) as unknown as (DetectionRow & { step: number })[];
      const wanted = rows.filter(({ severity }) => severities.includes(severity));
      return {
        detections: wanted.map((row) => ({ step: row.step, detection: toDetection(row) })),
        to: rows.at(-1)?.step ?? step,
      };
    },
    async advance({ org, id, place }, to, { at, sent, missed }) {
      const { changes } = database
        .prepare(
          `UPDATE streams SET position = $position, step = $step, sent = sent + $sent, missed = missed + $missed,
             sent_at = CASE WHEN $sent > 0 THEN $at ELSE sent_at END, tries = 0, next_at = NULL,
             trouble = CASE WHEN $sent > 0 THEN NULL ELSE trouble END
           WHERE org_id = $org AND stream_id = $id AND position = $wasPosition AND step = $wasStep`,
        )
        .run({ ...{ org, id, at, sent, missed }, ...to, wasPosition: place.position, wasStep: place.step });
      return changes > 0;
    },
    async fail({ org, id }, { trouble, nextAt }) {
      database
        .prepare('UPDATE streams SET tries = tries + 1, trouble = ?, next_at = ? WHERE org_id = ? AND stream_id = ?')
        .run(trouble, nextAt, org, id);
    },
  };
}

function list(database: Database, org: string): Stream[] {
  const rows = database
    .prepare(
      'SELECT *, stream_id AS id FROM streams WHERE org_id = ? AND deleted_at IS NULL ORDER BY created_at, stream_id',
    )
    .all(org) as unknown as StreamRow[];
  const events = database.prepare(
    `SELECT count(*) AS n FROM (SELECT 1 FROM chain WHERE org_id = ? AND position > ? AND what = 'event' LIMIT ?)`,
  );
  const detections = database.prepare(
    'SELECT count(*) AS n FROM (SELECT 1 FROM detections WHERE org_id = ? AND step > ? LIMIT ?)',
  );
  return rows.map((row) => {
    const stream = toStream(row, 0);
    const behind =
      (stream.kinds.length === 0 ? 0 : Number(events.get(org, row.position, FAR_BEHIND)?.n)) +
      (stream.severities.length === 0 ? 0 : Number(detections.get(org, row.step, FAR_BEHIND)?.n));
    return { ...stream, behind };
  });
}

/** Where a stream begins that sends only what comes. */
const endOf = (database: Database, org: string): { position: number; step: number } =>
  database
    .prepare(
      `SELECT coalesce((SELECT max(position) FROM chain WHERE org_id = $org), 0) AS position,
         coalesce((SELECT max(step) FROM detections WHERE org_id = $org), 0) AS step`,
    )
    .get({ org }) as { position: number; step: number };

function eventsAfter(
  database: Database,
  org: string,
  position: number,
  asked: Parameters<StreamStore['eventsAfter']>[2],
): Awaited<ReturnType<StreamStore['eventsAfter']>> {
  const links = database
    .prepare(
      `SELECT c.position, c.ref, e.kind, e.received_at, octet_length(e.event) AS bytes
       FROM chain c LEFT JOIN events e ON e.org_id = c.org_id AND e.seq = c.ref
       WHERE c.org_id = ? AND c.position > ? AND c.what = 'event' ORDER BY c.position LIMIT ?`,
    )
    .all(org, position, asked.limit) as unknown as LinkRow[];
  const { wanted, to, missed } = portionOf(links, position, asked);
  const read = database.prepare('SELECT event, received_at AS receivedAt FROM events WHERE org_id = ? AND seq = ?');
  const events = wanted.flatMap((link) => {
    const row = read.get(org, link.ref) as { event: string; receivedAt: string } | undefined;
    if (row === undefined) return [];
    return [{ position: link.position, receivedAt: row.receivedAt, event: JSON.parse(row.event) as CapsuleEvent }];
  });
  return { events, to, missed };
}
