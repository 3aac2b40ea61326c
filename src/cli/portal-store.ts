import type { Host } from '../core/host.ts';
import type { PortalStore } from '../portal/store/store.ts';
import type { StorePlace } from './portal-place.ts';

/** Opens the portal's store. Throws `database-unusable`, `usage`, `tls-unusable`. */
export async function openStore(
  host: Pick<Host, 'log' | 'now'>,
  { folder, database }: StorePlace,
): Promise<PortalStore> {
  if (database === undefined) {
    const { openSqliteStore } = await import('../portal/store/sqlite/open.ts');
    return openSqliteStore(folder);
  }
  const { openPostgresStore } = await import('../portal/store/postgres/open.ts');
  return openPostgresStore({ ...database, log: host.log, now: () => host.now() });
}
