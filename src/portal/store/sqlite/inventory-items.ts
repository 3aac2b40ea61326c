import type { Database } from '../../../core/database.ts';
import type { EventOf } from '../../../core/event.ts';
import { itemsOf } from '../inventory-item.ts';

/**
 * Keeps what was configured on a device and in a workspace, and what had changed, in the caller's transaction. What a device
 * has now are the items last seen at the time of its newest inventory, so the order of arrival does not matter.
 */
export function keepInventory(database: Database, org: string, event: EventOf<'session.started'>): void {
  const device = event.device.id;
  const workspace = event.workspace?.id ?? '';
  database
    .prepare(
      `UPDATE agents SET inventory = ?, inventory_at = ?, inventory_session = ?
       WHERE org_id = ? AND device_id = ? AND (inventory_at IS NULL OR inventory_at <= ?)`,
    )
    .run(JSON.stringify(event.body), event.time, event.session.id, org, device, event.time);
  keepChanges(database, org, event);
  database
    .prepare(
      `INSERT INTO inventories (org_id, device_id, workspace_id, workspace, time, session_id) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id, device_id, workspace_id) DO UPDATE SET time = excluded.time, session_id = excluded.session_id
       WHERE excluded.time >= time`,
    )
    .run(org, device, workspace, event.workspace?.path ?? '', event.time, event.session.id);
  const keep = database.prepare(
    `INSERT INTO inventory_items (org_id, part, name, device_id, workspace_id, scope, variant, detail, first_seen_at, last_seen_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET first_seen_at = min(first_seen_at, excluded.first_seen_at),
       last_seen_at = max(last_seen_at, excluded.last_seen_at),
       detail = CASE WHEN excluded.last_seen_at >= last_seen_at THEN excluded.detail ELSE detail END`,
  );
  for (const { part, name, scope, variant, detail } of itemsOf(event.body)) {
    keep.run(org, part, name, device, workspace, scope, variant, JSON.stringify(detail), event.time, event.time);
  }
}

function keepChanges(database: Database, org: string, event: EventOf<'session.started'>): void {
  const items = itemsOf(event.body);
  const before = database.prepare(
    `SELECT variant FROM inventory_items WHERE org_id = ? AND part = ? AND name = ? AND device_id = ? AND workspace_id = ?
       AND scope = ? AND last_seen_at < ? ORDER BY last_seen_at DESC LIMIT 1`,
  );
  const keep = database.prepare(
    `INSERT INTO inventory_changes (org_id, device_id, time, event_id, place, session_id, workspace, part, name, scope, change,
       variant_before, variant) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const workspace = event.workspace?.id ?? '';
  for (const [place, { what, name, scope, change }] of (event.body.changed ?? []).entries()) {
    const now = items.find((item) => item.part === what && item.name === name && item.scope === scope)?.variant ?? null;
    const then = before.get(org, what, name, event.device.id, workspace, scope, event.time)?.variant ?? null;
    keep.run(
      ...[org, event.device.id, event.time, event.id, place, event.session.id, event.workspace?.name ?? ''],
      ...[what, name, scope, change, then, now],
    );
  }
}
