import { type Database, inTransaction } from '../../../core/database.ts';
import type { StreamStore } from '../../siem/stream-store.ts';
import { changeOf, type StreamRow, writeSettings } from '../stream-row.ts';
import { recordAct } from './acts.ts';

/** What people do with streams, in this database; each is an act. */
export function changingIn(
  database: Database,
): Pick<StreamStore, 'add' | 'remove' | 'change' | 'renewSecret' | 'retry'> {
  return {
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
    change: async (org, id, make, at, by) =>
      inTransaction(database, () => {
        const row = database
          .prepare(
            `SELECT settings, disabled_at, position, step FROM streams
             WHERE org_id = ? AND stream_id = ? AND deleted_at IS NULL`,
          )
          .get(org, id) as Pick<StreamRow, 'settings' | 'disabled_at' | 'position' | 'step'> | undefined;
        if (row === undefined) return false;
        const change = changeOf(row, make, at);
        if (change === undefined) return true;
        const end = endOf(database, org);
        database
          .prepare(
            `UPDATE streams SET settings = ?, disabled_at = ?, position = ?, step = ?, next_at = NULL, tries = 0, trouble = NULL
             WHERE org_id = ? AND stream_id = ?`,
          )
          .run(
            ...[change.settings, change.disabledAt],
            ...[change.skips.events ? end.position : row.position, change.skips.detections ? end.step : row.step],
            ...[org, id],
          );
        recordAct(database, org, { time: at, actor: by, ...change.act, object: `stream:${id}` });
        return true;
      }),
    renewSecret: async (org, id, secret, at, by) =>
      inTransaction(database, () => {
        const { changes } = database
          .prepare(
            `UPDATE streams SET secret = ?, next_at = NULL
             WHERE org_id = ? AND stream_id = ? AND deleted_at IS NULL AND secret <> ''`,
          )
          .run(secret, org, id);
        if (changes > 0)
          recordAct(database, org, { time: at, actor: by, act: 'secret-renewed', object: `stream:${id}` });
        return changes > 0;
      }),
    async retry(org, id) {
      database.prepare('UPDATE streams SET next_at = NULL WHERE org_id = ? AND stream_id = ?').run(org, id);
    },
  };
}

/** Where a stream begins that sends only what comes. */
const endOf = (database: Database, org: string): { position: number; step: number } =>
  database
    .prepare(
      `SELECT coalesce((SELECT max(position) FROM chain WHERE org_id = $org), 0) AS position,
         coalesce((SELECT max(step) FROM detections WHERE org_id = $org), 0) AS step`,
    )
    .get({ org }) as { position: number; step: number };
