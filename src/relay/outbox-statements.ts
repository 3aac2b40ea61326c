/** The outbox's longer statements, by what they do. */

export const OPEN_RINGS = 'SELECT * FROM ring WHERE answered IS NULL ORDER BY time';
export const NEXT = `SELECT seq, id, json, bytes FROM event INDEXED BY event_for_portal
  WHERE portal = 1 AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`;
export const OLDEST = 'SELECT lived, bytes, json, portal, otlp FROM event ORDER BY seq';
export const SET_ASIDE = `INSERT OR REPLACE INTO rejected (destination, code, message, time, id, json)
  SELECT ?, ?, ?, ?, id, json FROM event WHERE id = ?`;
export const FORGET_REJECTED = `DELETE FROM rejected WHERE rowid IN (SELECT row FROM (
  SELECT rowid AS row, sum(length(json)) OVER (ORDER BY time DESC, id) AS bytes FROM rejected) WHERE bytes > ?)`;
export const SAVE_CURSOR = 'INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json';
export const SAVE_EVENT = `INSERT INTO event (id, kind, session, turn, time, taken, bytes, json, lived, portal, otlp)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
export const SAVE_RING = `INSERT INTO ring VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
  time = excluded.time, origin = excluded.origin, session = excluded.session, cwd = excluded.cwd, answered = NULL
  WHERE ring.time < ?`;
export const NOTE_ACTIVITY = 'INSERT INTO activity VALUES (?, ?) ON CONFLICT DO UPDATE SET time = excluded.time';
export const ANSWER_RINGS = 'UPDATE ring SET answered = ? WHERE name IN (SELECT value FROM json_each(?))';
