import { silentLog } from '../../../core/log.ts';
import type { PortalStore } from '../store.ts';
import { accountsIn } from './accounts.ts';
import { actsIn } from './acts.ts';
import { agentsIn } from './agents.ts';
import { credentialsIn } from './credentials.ts';
import { type DatabaseOptions, openPool } from './database.ts';
import { detectionsIn } from './detections.ts';
import { eventReadsIn } from './event-reads.ts';
import { ingest } from './ingest.ts';
import { installersIn } from './installers.ts';
import { cacheRules } from './judging.ts';
import { migrate } from './migrate.ts';
import { notificationsIn } from './notifications.ts';
import { observationsIn } from './observations.ts';
import { organisationsIn } from './organisations.ts';
import { policiesIn } from './policies.ts';
import { retentionIn } from './retention.ts';
import { runsIn } from './runs.ts';
import { sessionsIn } from './sessions.ts';
import { judgeAgain } from './unjudged.ts';
import { valuesIn } from './values.ts';

export type PostgresOptions = Omit<DatabaseOptions, 'log'> &
  Partial<Pick<DatabaseOptions, 'log'>> & { now?: () => Date };

/**
 * The store in a PostgreSQL database, whose tables are made or brought up to this version. Any number of replicas may have it
 * open: none keeps anything that the others have to know. Throws `database-unusable`, `usage`, `tls-unusable`.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<PortalStore> {
  const { now = () => new Date(), log = silentLog } = options;
  await migrate(options, now());
  const database = openPool({ ...options, log });
  const cache = cacheRules();
  return {
    credentials: credentialsIn(database),
    accounts: accountsIn(database),
    agents: agentsIn(database),
    events: {
      ...eventReadsIn(database),
      ingest: (org, deviceId, events, at, judging) => ingest(database, org, { deviceId, events, at }, cache, judging),
      judgeAgain: (judging, at, limit) => judgeAgain(database, cache, judging, at, limit),
    },
    sessions: sessionsIn(database),
    installers: installersIn(database),
    retention: retentionIn(database),
    observations: observationsIn(database),
    policies: policiesIn(database),
    detections: detectionsIn(database),
    notifications: notificationsIn(database),
    runs: runsIn(database),
    ...organisationsIn(database),
    ...actsIn(database),
    ...valuesIn(database),
    close: () => database.close(),
  };
}
