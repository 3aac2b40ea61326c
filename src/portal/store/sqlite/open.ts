import { openDatabase } from '../../../core/database.ts';
import type { PortalStore } from '../store.ts';
import { accountsIn } from './accounts.ts';
import { actsIn } from './acts.ts';
import { addVersionOrder } from './agent-conditions.ts';
import { agentsIn } from './agents.ts';
import { credentialsIn } from './credentials.ts';
import { databaseFile } from './database-file.ts';
import { detectionsIn } from './detections.ts';
import { eventsIn } from './events.ts';
import { installersIn } from './installers.ts';
import { refuseMoved } from './moved.ts';
import { notificationsIn } from './notifications.ts';
import { observationsIn } from './observations.ts';
import { organisationsIn } from './organisations.ts';
import { policiesIn } from './policies.ts';
import { retentionIn } from './retention.ts';
import { runsIn } from './runs.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionsIn } from './sessions.ts';
import { streamsIn } from './streams.ts';
import { upgradesIn } from './upgrades.ts';
import { valuesIn } from './values.ts';

/**
 * The store in `<folder>/portal.db`, made when it is new. Not exclusive: `portal token` and its like may run beside a running
 * portal. Throws `database-unusable`.
 */
export function openSqliteStore(folder: string): PortalStore {
  const database = openDatabase(databaseFile(folder), { migrations: MIGRATIONS, waitMs: 5_000 });
  try {
    refuseMoved(database, folder);
  } catch (error) {
    database.close();
    throw error;
  }
  addVersionOrder(database);
  return {
    credentials: credentialsIn(database),
    accounts: accountsIn(database),
    agents: agentsIn(database),
    events: eventsIn(database),
    sessions: sessionsIn(database),
    installers: installersIn(database),
    retention: retentionIn(database),
    observations: observationsIn(database),
    policies: policiesIn(database),
    detections: detectionsIn(database),
    notifications: notificationsIn(database),
    runs: runsIn(database),
    streams: streamsIn(database),
    upgrades: upgradesIn(database),
    ...organisationsIn(database),
    ...actsIn(database),
    ...valuesIn(database),
    close: async () => database.close(),
  };
}
