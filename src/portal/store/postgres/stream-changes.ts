import type { StreamStore, Turned } from '../../siem/stream-store.ts';
import { changeOf, type StreamRow, writeSettings } from '../stream-row.ts';
import { recordAct } from './acts.ts';
import type { Database, OfOrg } from './database.ts';

/** What people do with streams, in this database; each is an act. */
export function changingIn(
  database: Database,
): Pick<StreamStore, 'add' | 'remove' | 'change' | 'renewSecret' | 'retry'> {
  return {
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
    change: (org, id, make, at, by) => database.writing(org, (rows) => change(rows, id, make, at, by)),
    renewSecret: (org, id, secret, at, by) =>
      database.writing(org, async (rows) => {
        const changes = await rows.run(
          `UPDATE streams SET secret = ?, next_at = NULL
           WHERE org_id = $1 AND stream_id = ? AND deleted_at IS NULL AND secret <> ''`,
          [secret, id],
        );
        if (changes > 0) await recordAct(rows, { time: at, actor: by, act: 'secret-renewed', object: `stream:${id}` });
        return changes > 0;
      }),
    async retry(org, id) {
      await database.of(org).run('UPDATE streams SET next_at = NULL WHERE org_id = $1 AND stream_id = ?', [id]);
    },
  };
}

async function change(
  rows: OfOrg,
  id: string,
  make: (before: Turned) => Turned,
  at: string,
  by: string,
): Promise<boolean> {
  // Locked, because what is sent meanwhile moves its place.
  const row = await rows.get<Pick<StreamRow, 'settings' | 'disabled_at' | 'position' | 'step'>>(
    `SELECT settings, disabled_at, position, step FROM streams
     WHERE org_id = $1 AND stream_id = ? AND deleted_at IS NULL FOR UPDATE`,
    [id],
  );
  if (row === undefined) return false;
  const change = changeOf(row, make, at);
  if (change === undefined) return true;
  const end = await endOf(rows);
  await rows.run(
    `UPDATE streams SET settings = ?, disabled_at = ?, position = ?, step = ?, next_at = NULL, tries = 0, trouble = NULL
     WHERE org_id = $1 AND stream_id = ?`,
    [
      ...[change.settings, change.disabledAt],
      ...[change.skips.events ? end.position : row.position, change.skips.detections ? end.step : row.step, id],
    ],
  );
  await recordAct(rows, { time: at, actor: by, ...change.act, object: `stream:${id}` });
  return true;
}

/** Where a stream begins that sends only what comes. */
async function endOf(rows: OfOrg): Promise<{ position: number; step: number }> {
  const last = await rows.get<{ step: number | null }>('SELECT max(step) AS step FROM detections WHERE org_id = $1');
  return { position: rows.end?.position ?? 0, step: last?.step ?? 0 };
}
