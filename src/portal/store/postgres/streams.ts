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
import type { Database, OfOrg } from './database.ts';

const TARGET = `SELECT s.stream_id AS id, s.org_id AS org, o.name AS organisation, s.settings, s.secret`;

/** The store's streams, in this database. */
export function streamsIn(database: Database): StreamStore {
  return {
    list: (org) => list(database.of(org)),
    add: (org, { id, secret, from, ...settings }, at, by) =>
      database.writing(org, async (rows) => {
        const end = from === 'start' ? { position: 0, step: 0 } : await endOf(rows);
        await rows.run(
          `INSERT INTO streams (org_id, stream_id, settings, secret, created_at, created_by, position, step)
           VALUES ($1, ?, ?, ?, ?, ?, ?, ?)`,
          [id, writeSettings(settings), secret, at, by, end.position, end.step],
        );
        await recordAct(rows, { time: at, actor: by, act: 'created', object: `stream:${id}` });
      }),
    remove: (org, id, at, by) =>
      database.writing(org, async (rows) => {
        const changes = await rows.run(
          `UPDATE streams SET deleted_at = ?, secret = '' WHERE org_id = $1 AND stream_id = ? AND deleted_at IS NULL`,
          [at, id],
        );
        if (changes > 0) await recordAct(rows, { time: at, actor: by, act: 'removed', object: `stream:${id}` });
        return changes > 0;
      }),
    turn: (org, id, enabled, at, by) => database.writing(org, (rows) => turn(rows, id, enabled, at, by)),
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
        `${TARGET}, s.position, s.step, s.tries FROM streams s JOIN organisations o ON o.org_id = s.org_id
         WHERE s.deleted_at IS NULL AND s.disabled_at IS NULL AND (s.next_at IS NULL OR s.next_at <= ?)`,
        [at],
      );
      return rows.map(toDue);
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
    async fail({ org, id }, { trouble, nextAt }) {
      await database
        .of(org)
        .run('UPDATE streams SET tries = tries + 1, trouble = ?, next_at = ? WHERE org_id = $1 AND stream_id = ?', [
          ...[trouble, nextAt, id],
        ]);
    },
  };
}

async function turn(rows: OfOrg, id: string, enabled: boolean, at: string, by: string): Promise<boolean> {
  const row = await rows.get<{ disabled_at: string | null }>(
    'SELECT disabled_at FROM streams WHERE org_id = $1 AND stream_id = ? AND deleted_at IS NULL',
    [id],
  );
  if (row === undefined) return false;
  await rows.run('UPDATE streams SET disabled_at = ?, next_at = NULL, tries = 0 WHERE org_id = $1 AND stream_id = ?', [
    ...[enabled ? null : at, id],
  ]);
  const changes = [{ what: 'enabled', before: String(row.disabled_at === null), after: String(enabled) }];
  const act = enabled ? 'enabled' : 'disabled';
  await recordAct(rows, { time: at, actor: by, act, object: `stream:${id}`, changes });
  return true;
}

async function list(rows: OfOrg): Promise<Stream[]> {
  const found = await rows.all<StreamRow>(
    'SELECT *, stream_id AS id FROM streams WHERE org_id = $1 AND deleted_at IS NULL ORDER BY created_at, stream_id',
  );
  const count = async (sql: string, after: number) =>
    (await rows.get<{ n: number }>(`SELECT count(*) AS n FROM (${sql} LIMIT ?) few`, [after, FAR_BEHIND]))?.n ?? 0;
  return Promise.all(
    found.map(async (row) => {
      const stream = toStream(row, 0);
      const events = `SELECT 1 FROM chain WHERE org_id = $1 AND position > ? AND what = 'event'`;
      const detections = 'SELECT 1 FROM detections WHERE org_id = $1 AND step > ?';
      const behind =
        (stream.kinds.length === 0 ? 0 : await count(events, row.position)) +
        (stream.severities.length === 0 ? 0 : await count(detections, row.step));
      return { ...stream, behind };
    }),
  );
}

/** Where a stream begins that sends only what comes. */
async function endOf(rows: OfOrg): Promise<{ position: number; step: number }> {
  const last = await rows.get<{ step: number | null }>('SELECT max(step) AS step FROM detections WHERE org_id = $1');
  return { position: rows.end?.position ?? 0, step: last?.step ?? 0 };
}

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
