import type { InventoryPart } from '../../../core/event.ts';
import type { HeldItem, Holder, HourSum, KeptChange, NewValue, SeenValue } from '../../observed.ts';
import { holding } from '../conditions.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { addHours } from '../hour-conditions.ts';
import type { ObservationStore } from '../observation-store.ts';
import { chainReadsIn } from './chain-reads.ts';
import { forOrg } from './conditions.ts';
import type { Database } from './database.ts';

/** What was seen over all events, in this database. */
export function observationsIn(database: Database): ObservationStore {
  return {
    values: (org, field, part, limit) =>
      field === 'agent'
        ? database.of(org).all<SeenValue>(
            `SELECT device_id AS value, user_name || ' on ' || name AS label FROM agents
             WHERE org_id = $1 AND (user_name || ' ' || name) ILIKE ? ESCAPE '\\' ORDER BY user_name, device_id LIMIT ?`,
            [holding(part), limit],
          )
        : database.of(org).all<SeenValue>(
            `SELECT value, label FROM values_seen WHERE org_id = $1 AND field = ? AND label ILIKE ? ESCAPE '\\'
             ORDER BY last_seen_at DESC, value LIMIT ?`,
            [field, holding(part), limit],
          ),
    newValues: (org, fields, since, limit) =>
      database.of(org).all<NewValue>(
        `SELECT field, value, label, first_seen_at AS "firstSeenAt", first_session AS session FROM values_seen
         WHERE org_id = $1 AND first_seen_at >= ? AND field = ANY(?::text[]) ORDER BY first_seen_at DESC LIMIT ?`,
        [since, fields, limit],
      ),
    held: (org, part, limit) => held(database, org, part, limit),
    holders: (org, part, name, limit) => holders(database, org, part, name, limit),
    async changes(org, device, { limit, after }) {
      const cursor = after === undefined ? undefined : readCursor(after);
      const rows = await database.of(org).all<KeptChange & { place: number }>(
        `SELECT time, event_id AS event, place, session_id AS session, workspace, part, name, scope, change,
           variant_before AS before, variant AS after FROM inventory_changes
         WHERE org_id = $1 AND device_id = ? AND (time, place) < (?, ?) ORDER BY time DESC, event_id DESC, place DESC LIMIT ?`,
        [device, ...(cursor ?? ['9', 0]), limit + 1],
      );
      return toPage(
        rows,
        limit,
        ({ time, place }) => writeCursor(time, place),
        ({ place: _place, ...change }) => change,
      );
    },
    async changesSince(org, since) {
      const rows = await database
        .of(org)
        .all<{ part: InventoryPart; n: number }>(
          'SELECT part, count(*) AS n FROM inventory_changes WHERE org_id = $1 AND time >= ? GROUP BY part',
          [since],
        );
      return Object.fromEntries(rows.map(({ part, n }) => [part, n]));
    },
    hours(org, filter, step) {
      const where = forOrg();
      addHours(where, filter);
      const [length, rest] = step === 'day' ? [10, 'T00:00:00.000Z'] : [13, ':00:00.000Z'];
      return database.of(org).all<HourSum>(
        `SELECT substr(hour, 1, ${length}) || '${rest}' AS hour, kind, tool, sum(events) AS events,
           sum(failures) AS failures, sum(credits) AS credits
         FROM hourly WHERE ${where.sql.join(' AND ')} GROUP BY 1, kind, tool ORDER BY 1`,
        where.values,
      );
    },
    ...chainReadsIn(database),
  };
}

const NOW_HELD = `JOIN inventories v ON v.org_id = i.org_id AND v.device_id = i.device_id AND v.workspace_id = i.workspace_id
  WHERE i.org_id = $1 AND i.part = ? AND i.last_seen_at = v.time`;

const held = (database: Database, org: string, part: InventoryPart, limit: number): Promise<HeldItem[]> =>
  database.of(org).all<HeldItem>(
    `SELECT i.name, i.scope, (array_agg(i.detail ORDER BY i.last_seen_at DESC))[1] AS detail,
       count(DISTINCT i.variant) AS variants, count(DISTINCT i.device_id) AS agents,
       count(DISTINCT i.workspace_id) AS workspaces, min(i.first_seen_at) AS "firstSeenAt"
     FROM inventory_items i ${NOW_HELD} GROUP BY i.name, i.scope ORDER BY agents DESC, i.name LIMIT ?`,
    [part, limit],
  );

async function holders(
  database: Database,
  org: string,
  part: InventoryPart,
  name: string,
  limit: number,
): Promise<Holder[]> {
  const rows = await database.of(org).all<Omit<Holder, 'agent'> & Holder['agent']>(
    `SELECT a.device_id AS id, a.name, a.user_name AS "user", v.workspace, i.variant, i.detail,
       i.first_seen_at AS "firstSeenAt", i.last_seen_at AS "lastSeenAt"
     FROM inventory_items i JOIN agents a ON a.org_id = i.org_id AND a.device_id = i.device_id ${NOW_HELD}
       AND i.name = ? ORDER BY a.user_name, a.device_id, v.workspace LIMIT ?`,
    [part, name, limit],
  );
  return rows.map(({ id, name: device, user, ...rest }) => ({ agent: { id, name: device, user }, ...rest }));
}
