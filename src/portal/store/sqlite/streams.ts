import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Stream } from '../../siem/stream.ts';
import type { StreamStore } from '../../siem/stream-store.ts';
import { type DetectionRow, toDetection } from '../detection-row.ts';
import {
  type DueRow,
  FAR_BEHIND,
  type LinkRow,
  portionOf,
  readSettings,
  type StreamRow,
  type TargetRow,
  toDue,
  toStream,
  toTarget,
  waitingOf,
} from '../stream-row.ts';
import { changingIn } from './stream-changes.ts';

const TARGET = `SELECT s.stream_id AS id, s.org_id AS org, o.name AS organisation, s.settings, s.secret`;
const DUE = `${TARGET}, s.position, s.step, s.tries FROM streams s JOIN organisations o ON o.org_id = s.org_id`;

/** The store's streams, in this database. */
export function streamsIn(database: Database): StreamStore {
  return {
    list: async (org) => list(database, org),
    ...changingIn(database),
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
          `${DUE} WHERE s.deleted_at IS NULL AND s.disabled_at IS NULL AND (s.next_at IS NULL OR s.next_at <= ?)`,
        )
        .all(at) as unknown as DueRow[];
      return rows.map(toDue);
    },
    async stillDue(org, id, at) {
      const row = database
        .prepare(
          `${DUE} WHERE s.org_id = ? AND s.stream_id = ? AND s.deleted_at IS NULL AND s.disabled_at IS NULL
             AND (s.next_at IS NULL OR s.next_at <= ?)`,
        )
        .get(org, id, at);
      return row === undefined ? undefined : toDue(row as unknown as DueRow);
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
    async fail({ org, id, revision }, { trouble, nextAt }) {
      database
        .prepare(
          `UPDATE streams SET tries = tries + 1, trouble = ?, next_at = ?
           WHERE org_id = ? AND stream_id = ? AND settings = ? AND disabled_at IS NULL`,
        )
        .run(trouble, nextAt, org, id, revision);
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
  const firstEvent = database.prepare(
    `SELECT e.received_at AS at FROM chain c JOIN events e ON e.org_id = c.org_id AND e.seq = c.ref
     WHERE c.org_id = $org AND c.position =
       (SELECT min(position) FROM chain WHERE org_id = $org AND position > $position AND what = 'event')`,
  );
  const firstDetection = database.prepare(
    'SELECT changed_at AS at FROM detections WHERE org_id = ? AND step > ? ORDER BY step LIMIT 1',
  );
  return rows.map((row) => {
    const { kinds, severities } = readSettings(row.settings);
    const waits = [
      ...(kinds.length === 0
        ? []
        : [[events.get(org, row.position, FAR_BEHIND), firstEvent.get({ org, position: row.position })]]),
      ...(severities.length === 0
        ? []
        : [[detections.get(org, row.step, FAR_BEHIND), firstDetection.get(org, row.step)]]),
    ];
    return toStream(row, waitingOf(waits.map(([count, first]) => ({ count: Number(count?.n), first: first?.at }))));
  });
}

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
