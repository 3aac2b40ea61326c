import type { Database } from '../../../core/database.ts';
import type { InventoryPart } from '../../../core/event.ts';
import type { ChainHead, HeldItem, Holder, HourSum, KeptChange, NewValue, SeenValue } from '../../observed.ts';
import { ACT_COLUMNS, type ActRow, toAct } from '../act-row.ts';
import { actDigest, eventDigest } from '../chain-hash.ts';
import { holding } from '../conditions.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import type { ObservationStore } from '../observation-store.ts';
import { hoursOf } from './count-events.ts';

/** What was seen over all events, in this database. */
export function observationsIn(database: Database): ObservationStore {
  return {
    async values(org, field, part, limit) {
      const rows =
        field === 'agent'
          ? database
              .prepare(
                `SELECT device_id AS value, user || ' on ' || name AS label FROM agents
                 WHERE org_id = ? AND (user || ' ' || name) LIKE ? ESCAPE '\\' ORDER BY user, device_id LIMIT ?`,
              )
              .all(org, holding(part), limit)
          : database
              .prepare(
                `SELECT value, label FROM values_seen WHERE org_id = ? AND field = ? AND label LIKE ? ESCAPE '\\'
                 ORDER BY last_seen_at DESC, value LIMIT ?`,
              )
              .all(org, field, holding(part), limit);
      return rows as unknown as SeenValue[];
    },
    async newValues(org, fields, since, limit) {
      return database
        .prepare(
          `SELECT field, value, label, first_seen_at AS firstSeenAt, first_session AS session FROM values_seen
           WHERE org_id = ? AND first_seen_at >= ? AND field IN (SELECT value FROM json_each(?))
           ORDER BY first_seen_at DESC LIMIT ?`,
        )
        .all(org, since, JSON.stringify(fields), limit) as unknown as NewValue[];
    },
    held: async (org, part, limit) => held(database, org, part, limit),
    holders: async (org, part, name, limit) => holders(database, org, part, name, limit),
    async changes(org, device, { limit, after }) {
      const cursor = after === undefined ? undefined : readCursor(after);
      const rows = database
        .prepare(
          `SELECT time, event_id AS event, place, session_id AS session, workspace, part, name, scope, change,
             variant_before AS before, variant AS after FROM inventory_changes
           WHERE org_id = ? AND device_id = ? AND (time, place) < (?, ?) ORDER BY time DESC, event_id DESC, place DESC LIMIT ?`,
        )
        .all(org, device, ...(cursor ?? ['9', 0]), limit + 1) as unknown as (KeptChange & { place: number })[];
      return toPage(
        rows,
        limit,
        ({ time, place }) => writeCursor(time, place),
        ({ place: _place, ...change }) => change,
      );
    },
    async changesSince(org, since) {
      const rows = database
        .prepare('SELECT part, count(*) AS n FROM inventory_changes WHERE org_id = ? AND time >= ? GROUP BY part')
        .all(org, since) as { part: InventoryPart; n: number }[];
      return Object.fromEntries(rows.map(({ part, n }) => [part, n]));
    },
    async hours(org, filter, step) {
      const where = hoursOf(org, filter);
      const [length, rest] = step === 'day' ? [10, 'T00:00:00.000Z'] : [13, ':00:00.000Z'];
      return database
        .prepare(
          `SELECT substr(hour, 1, ${length}) || '${rest}' AS hour, kind, tool, sum(events) AS events,
             sum(failures) AS failures, sum(credits) AS credits
           FROM hourly WHERE ${where.sql.join(' AND ')} GROUP BY 1, kind, tool ORDER BY 1`,
        )
        .all(...where.values) as unknown as HourSum[];
    },
    ...chainIn(database),
  };
}

const NOW_HELD = `FROM inventory_items i JOIN inventories v USING (org_id, device_id, workspace_id)
  WHERE i.org_id = ? AND i.part = ? AND i.last_seen_at = v.time`;

function held(database: Database, org: string, part: InventoryPart, limit: number): HeldItem[] {
  return database
    .prepare(
      // A time has 24 characters: the latest holder's detail is what follows the latest of them.
      `SELECT i.name, i.scope, substr(max(i.last_seen_at || i.detail), 25) AS detail, count(DISTINCT i.variant) AS variants,
         count(DISTINCT i.device_id) AS agents, count(DISTINCT i.workspace_id) AS workspaces,
         min(i.first_seen_at) AS firstSeenAt
       ${NOW_HELD} GROUP BY i.name, i.scope ORDER BY agents DESC, i.name LIMIT ?`,
    )
    .all(org, part, limit) as unknown as HeldItem[];
}

function holders(database: Database, org: string, part: InventoryPart, name: string, limit: number): Holder[] {
  const rows = database
    .prepare(
      `SELECT a.device_id AS id, a.name, a.user, v.workspace, i.variant, i.detail,
         i.first_seen_at AS firstSeenAt, i.last_seen_at AS lastSeenAt
       ${NOW_HELD.replace('WHERE', 'JOIN agents a USING (org_id, device_id) WHERE')}
         AND i.name = ? ORDER BY a.user, a.device_id, v.workspace LIMIT ?`,
    )
    .all(org, part, name, limit) as unknown as (Omit<Holder, 'agent'> & Holder['agent'])[];
  return rows.map(({ id, name: device, user, ...rest }) => ({ agent: { id, name: device, user }, ...rest }));
}

interface LinkRow {
  position: number;
  what: 'event' | 'act';
  ref: number;
  digest: Uint8Array;
  hash: Uint8Array;
}

function chainIn(database: Database): Pick<ObservationStore, 'chainHead' | 'chainLinks' | 'unchained'> {
  return {
    async chainHead(org) {
      const row = database
        .prepare('SELECT position, lower(hex(hash)) AS hash FROM chain WHERE org_id = ? ORDER BY position DESC LIMIT 1')
        .get(org);
      return row as unknown as ChainHead | undefined;
    },
    async chainLinks(org, behind, limit) {
      const rows = database
        .prepare(
          'SELECT position, what, ref, digest, hash FROM chain WHERE org_id = ? AND position > ? ORDER BY position LIMIT ?',
        )
        .all(org, behind, limit) as unknown as LinkRow[];
      const stored = storedDigest(database, org);
      return rows.map((row) => ({
        ...row,
        digest: hex(row.digest),
        hash: hex(row.hash),
        stored: stored(row.what, row.ref),
      }));
    },
    async unchained(org) {
      // An event carries its place in the chain; of acts there are few enough to look each up.
      const events = database
        .prepare(
          `SELECT count(*) AS n FROM events e WHERE e.org_id = $org
             AND e.seq >= (SELECT ref FROM chain WHERE org_id = $org AND what = 'event' ORDER BY position LIMIT 1)
             AND NOT EXISTS (SELECT 1 FROM chain c WHERE c.org_id = $org AND c.position = e.position AND c.ref = e.seq)`,
        )
        .get({ org }) as { n: number };
      const acts = database
        .prepare(
          `SELECT count(*) AS n FROM acts WHERE org_id = $org
             AND seq >= (SELECT min(ref) FROM chain WHERE org_id = $org AND what = 'act')
             AND seq NOT IN (SELECT ref FROM chain WHERE org_id = $org AND what = 'act')`,
        )
        .get({ org }) as { n: number };
      return events.n + acts.n;
    },
  };
}

/** The digest of what is stored now, computed anew from the rows themselves. */
function storedDigest(database: Database, org: string): (what: 'event' | 'act', ref: number) => string | undefined {
  const event = database.prepare(
    'SELECT event_id AS id, received_at AS at, event FROM events WHERE org_id = ? AND seq = ?',
  );
  const act = database.prepare(`SELECT ${ACT_COLUMNS} FROM acts WHERE org_id = ? AND seq = ?`);
  return (what, ref) => {
    if (what === 'act') {
      const row = act.get(org, ref) as ActRow | undefined;
      return row === undefined ? undefined : hex(actDigest(toAct(row)));
    }
    const row = event.get(org, ref) as { id: string; at: string; event: string } | undefined;
    return row === undefined ? undefined : hex(eventDigest(row.id, row.at, row.event));
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
