/** The outbox's longer statements, by what they do. */

export const OPEN_RINGS = 'SELECT * FROM ring WHERE answered IS NULL ORDER BY time';
export const NEXT = 'SELECT seq, id, json, bytes FROM event WHERE seq <= ? ORDER BY seq LIMIT ?';
export const OLDEST = 'SELECT lived, bytes, json FROM event ORDER BY seq';
export const SET_ASIDE = 'INSERT OR REPLACE INTO rejected SELECT id, ?, ?, ?, json FROM event WHERE id = ?';
export const FORGET_REJECTED = `DELETE FROM rejected WHERE id IN (SELECT id FROM (
  SELECT id, sum(length(json)) OVER (ORDER BY time DESC, id) AS bytes FROM rejected) WHERE bytes > ?)`;
export const SAVE_CURSOR = 'INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json';
export const SAVE_EVENT = `INSERT INTO event (id, kind, session, time, taken, bytes, json, lived)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
export const SAVE_RING = `INSERT INTO ring VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
  time = excluded.time, origin = excluded.origin, session = excluded.session, cwd = excluded.cwd, answered = NULL
  WHERE ring.time < ?`;
export const NOTE_ACTIVITY = 'INSERT INTO activity VALUES (?, ?) ON CONFLICT DO UPDATE SET time = excluded.time';
export const ANSWER_RINGS = 'UPDATE ring SET answered = ? WHERE name IN (SELECT value FROM json_each(?))';
