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
import type { Database, OfOrg } from './database.ts';
import { changingIn } from './stream-changes.ts';

const TARGET = `SELECT s.stream_id AS id, s.org_id AS org, o.name AS organisation, s.settings, s.secret`;
const DUE = `${TARGET}, s.position, s.step, s.tries FROM streams s JOIN organisations o ON o.org_id = s.org_id`;

/** The store's streams, in this database. */
export function streamsIn(database: Database): StreamStore {
  return {
    list: (org) => list(database.of(org)),
    ...changingIn(database),
    async target(org, id) {
      const row = await database.of(org).get<TargetRow>(
        `${TARGET} FROM streams s JOIN organisations o ON o.org_id = s.org_id
         WHERE s.org_id = $1 AND s.stream_id = ? AND s.deleted_at IS NULL`,
        [id],
      );
      return row === undefined ? undefined : toTarget(row);
    },
    async due(at) {
      const rows = await database.portal.all<DueRow>(
        `${DUE} WHERE s.deleted_at IS NULL AND s.disabled_at IS NULL AND (s.next_at IS NULL OR s.next_at <= ?)`,
        [at],
      );
      return rows.map(toDue);
    },
    async stillDue(org, id, at) {
      const row = await database.of(org).get<DueRow>(
        `${DUE} WHERE s.org_id = $1 AND s.stream_id = ? AND s.deleted_at IS NULL AND s.disabled_at IS NULL
           AND (s.next_at IS NULL OR s.next_at <= ?)`,
        [id, at],
      );
      return row === undefined ? undefined : toDue(row);
    },
    eventsAfter: (org, position, asked) => database.reading(org, (rows) => eventsAfter(rows, position, asked)),
    async detectionsAfter(org, step, { severities, limit }) {
      const rows = await database.of(org).all<DetectionRow & { step: number }>(
        `SELECT d.*, d.user_name AS "user",
           (SELECT name FROM policies p WHERE p.org_id = d.org_id AND p.policy_id = d.policy_id) AS policy_name
         FROM detections d WHERE d.org_id = $1 AND d.step > ? ORDER BY d.step LIMIT ?`,
        [step, limit],
      );
      const wanted = rows.filter(({ severity }) => severities.includes(severity));
      return {
        detections: wanted.map((row) => ({ step: row.step, detection: toDetection(row) })),
        to: rows.at(-1)?.step ?? step,
      };
    },
    async advance({ org, id, place }, to, { at, sent, missed }) {
      const changes = await database.of(org).run(
        `UPDATE streams SET position = ?, step = ?, sent = sent + ?, missed = missed + ?, tries = 0, next_at = NULL
           ${sent > 0 ? `, sent_at = ?, trouble = NULL` : ''}
         WHERE org_id = $1 AND stream_id = ? AND position = ? AND step = ?`,
        [to.position, to.step, sent, missed, ...(sent > 0 ? [at] : []), id, place.position, place.step],
      );
      return changes > 0;
    },
    async fail({ org, id, revision }, { trouble, nextAt }) {
      await database.of(org).run(
        `UPDATE streams SET tries = tries + 1, trouble = ?, next_at = ?
         WHERE org_id = $1 AND stream_id = ? AND settings = ? AND disabled_at IS NULL`,
        [trouble, nextAt, id, revision],
      );
    },
  };
}

async function list(rows: OfOrg): Promise<Stream[]> {
  const found = await rows.all<StreamRow>(
    'SELECT *, stream_id AS id FROM streams WHERE org_id = $1 AND deleted_at IS NULL ORDER BY created_at, stream_id',
  );
  const look = async (what: string, first: string, after: number) => {
    const count = await rows.get<{ n: number }>(`SELECT count(*) AS n FROM (SELECT 1 ${what} LIMIT ?) few`, [
      ...[after, FAR_BEHIND],
    ]);
    const row = await rows.get<{ at: string }>(`SELECT ${first} AS at ${what} ORDER BY ${ORDER[first]} LIMIT 1`, [
      after,
    ]);
    return { count: count?.n ?? 0, first: row?.at };
  };
  return Promise.all(
    found.map(async (row) => {
      const { kinds, severities } = readSettings(row.settings);
      const waits = [
        ...(kinds.length === 0 ? [] : [await look(EVENTS_AFTER, 'at', row.position)]),
        ...(severities.length === 0 ? [] : [await look(DETECTIONS_AFTER, 'changed_at', row.step)]),
      ];
      return toStream(row, waitingOf(waits));
    }),
  );
}

const EVENTS_AFTER = `FROM chain WHERE org_id = $1 AND position > ? AND what = 'event'`;
const DETECTIONS_AFTER = 'FROM detections WHERE org_id = $1 AND step > ?';
const ORDER: Readonly<Record<string, string>> = { at: 'position', changed_at: 'step' };

async function eventsAfter(
  rows: OfOrg,
  position: number,
  asked: Parameters<StreamStore['eventsAfter']>[2],
): ReturnType<StreamStore['eventsAfter']> {
  const links = await rows.all<LinkRow>(
    `SELECT c.position, c.position AS ref, e.kind, e.received_at, octet_length(e.event) AS bytes
     FROM (SELECT * FROM chain WHERE org_id = $1 AND position > ? AND what = 'event' ORDER BY position LIMIT ?) c
     LEFT JOIN events e ON e.org_id = $1 AND e.seq = c.position AND e.received_at = c.at ORDER BY c.position`,
    [position, asked.limit],
  );
  const { wanted, to, missed } = portionOf(links, position, asked);
  const found = await rows.all<{ position: number; receivedAt: string; event: string }>(
    `SELECT seq AS position, received_at AS "receivedAt", event FROM events
     WHERE org_id = $1 AND seq = ANY(?::bigint[]) AND received_at = ANY(?::text[]) ORDER BY seq`,
    [wanted.map((link) => link.position), wanted.map((link) => link.received_at)],
  );
  return { events: found.map((row) => ({ ...row, event: JSON.parse(row.event) as CapsuleEvent })), to, missed };
}
