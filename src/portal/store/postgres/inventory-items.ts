import type { EventOf } from '../../../core/event.ts';
import { digestOf } from '../chain-hash.ts';
import { itemsOf } from '../inventory-item.ts';
import type { OfOrg } from './database.ts';
import { insertAll } from './insert-all.ts';

const COLUMNS = {
  ...({ part: 'text', name: 'text', device_id: 'text', workspace_id: 'text', scope: 'text', variant: 'text' } as const),
  ...({ detail: 'text', first_seen_at: 'text', last_seen_at: 'text', item_hash: 'text' } as const),
};

/**
 * Keeps what was configured on a device and in a workspace, and what had changed, in the caller's transaction. What a device
 * has now are the items last seen at the time of its newest inventory, so the order of arrival does not matter.
 */
export async function keepInventory(rows: OfOrg, event: EventOf<'session.started'>): Promise<void> {
  const device = event.device.id;
  const workspace = event.workspace?.id ?? '';
  await rows.run(
    `UPDATE agents SET inventory = ?, inventory_at = ?, inventory_session = ?
     WHERE org_id = $1 AND device_id = ? AND (inventory_at IS NULL OR inventory_at <= ?)`,
    [JSON.stringify(event.body), event.time, event.session.id, device, event.time],
  );
  await keepChanges(rows, event);
  await rows.run(
    `INSERT INTO inventories (org_id, device_id, workspace_id, workspace, time, session_id) VALUES ($1, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, device_id, workspace_id) DO UPDATE SET time = excluded.time, session_id = excluded.session_id
     WHERE excluded.time >= inventories.time`,
    [device, workspace, event.workspace?.path ?? '', event.time, event.session.id],
  );
  const seen = { device_id: device, workspace_id: workspace, first_seen_at: event.time, last_seen_at: event.time };
  const items = itemsOf(event.body).map(({ detail, ...item }) => {
    const row = { ...item, ...seen, detail: JSON.stringify(detail), item_hash: hashOfItem(item, device, workspace) };
    return [row.item_hash, row] as const;
  });
  await insertAll(
    ...([rows, 'inventory_items', COLUMNS, [...new Map(items).values()]] as const),
    `ON CONFLICT (org_id, item_hash) DO UPDATE SET
       first_seen_at = least(inventory_items.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(inventory_items.last_seen_at, excluded.last_seen_at),
       detail = CASE WHEN excluded.last_seen_at >= inventory_items.last_seen_at THEN excluded.detail
         ELSE inventory_items.detail END`,
  );
}

/** What makes an item one: names and patterns may be longer than an index of PostgreSQL takes. */
export const hashOfItem = (
  { part, name, scope, variant }: Readonly<Record<'part' | 'name' | 'scope' | 'variant', string>>,
  device: string,
  workspace: string,
): string => Buffer.from(digestOf(part, name, device, workspace, scope, variant)).toString('base64url');

const CHANGE = {
  ...({ device_id: 'text', time: 'text', event_id: 'text', place: 'integer', session_id: 'text' } as const),
  ...({ workspace: 'text', part: 'text', name: 'text', scope: 'text', change: 'text' } as const),
  ...({ variant_before: 'text', variant: 'text' } as const),
};

async function keepChanges(rows: OfOrg, event: EventOf<'session.started'>): Promise<void> {
  const items = itemsOf(event.body);
  const about = { device_id: event.device.id, time: event.time, event_id: event.id, session_id: event.session.id };
  const changes = [];
  for (const [place, { what, name, scope, change }] of (event.body.changed ?? []).entries()) {
    const now = items.find((item) => item.part === what && item.name === name && item.scope === scope)?.variant ?? null;
    const then = await rows.get<{ variant: string }>(
      `SELECT variant FROM inventory_items WHERE org_id = $1 AND part = ? AND device_id = ? AND workspace_id = ?
         AND name = ? AND scope = ? AND last_seen_at < ? ORDER BY last_seen_at DESC LIMIT 1`,
      [what, event.device.id, event.workspace?.id ?? '', name, scope, event.time],
    );
    changes.push({
      ...{ ...about, place, workspace: event.workspace?.name ?? '', part: what, name, scope, change },
      ...{ variant_before: then?.variant ?? null, variant: now },
    });
  }
  await insertAll(rows, 'inventory_changes', CHANGE, changes);
}
