import { removedHex } from '../removed-name.ts';
import type { OfOrg } from './database.ts';

/** What is kept of removed events is that there was one of this id. */
export async function forgetIds(rows: OfOrg, ids: readonly string[]): Promise<void> {
  await rows.run('DELETE FROM event_ids WHERE org_id = $1 AND event_id = ANY(?::text[])', [ids]);
  await rows.run(
    `INSERT INTO removed_events (org_id, name) SELECT $1, decode(n, 'hex') FROM unnest(?::text[]) AS n ON CONFLICT DO NOTHING`,
    [ids.map(removedHex)],
  );
}

/** Removes those of these sessions that have no event, but for events of the month that is about to go. */
export async function removeEmpty(rows: OfOrg, sessions: readonly string[], month: string): Promise<void> {
  const empty = await rows.all<{ id: string }>(
    `SELECT s.id FROM unnest(?::text[]) AS s (id) WHERE NOT EXISTS
       (SELECT 1 FROM events e WHERE e.org_id = $1 AND e.session_id = s.id AND left(e.received_at, 7) <> ?)`,
    [sessions, month],
  );
  const ids = empty.map(({ id }) => id);
  for (const table of ['turns', 'session_tools', 'session_exits', 'marks', 'sessions']) {
    await rows.run(`DELETE FROM ${table} WHERE org_id = $1 AND session_id = ANY(?::text[])`, [ids]);
  }
}
