import { describe } from '../../../core/failure.ts';
import { type Log, silentLog } from '../../../core/log.ts';
import type { PortalStore } from '../store.ts';
import { accountsIn } from './accounts.ts';
import { actsIn } from './acts.ts';
import { agentsIn } from './agents.ts';
import { credentialsIn } from './credentials.ts';
import { type Database, type DatabaseOptions, openPool } from './database.ts';
import { detectionsIn } from './detections.ts';
import { eventReadsIn } from './event-reads.ts';
import { guessesIn } from './guesses.ts';
import { ingest } from './ingest.ts';
import { installersIn } from './installers.ts';
import { cacheRules } from './judging.ts';
import { LOCKS, migrate } from './migrate.ts';
import { notificationsIn } from './notifications.ts';
import { observationsIn } from './observations.ts';
import { organisationsIn } from './organisations.ts';
import { makePartitions } from './partitions.ts';
import { policiesIn } from './policies.ts';
import { connectReplicas } from './replicas.ts';
import { retentionIn } from './retention.ts';
import { runsIn } from './runs.ts';
import { sessionsIn } from './sessions.ts';
import { streamsIn } from './streams.ts';
import { judgeAgain } from './unjudged.ts';
import { upgradesIn } from './upgrades.ts';
import { valuesIn } from './values.ts';

export type PostgresOptions = Omit<DatabaseOptions, 'log'> &
  Partial<Pick<DatabaseOptions, 'log'>> & {
    now?: () => Date;
    /** After how long without a word of this replica others take over its jobs, in ms; a minute unless said. */
    silenceMs?: number;
  };

/**
 * The store in a PostgreSQL database, whose tables are made or brought up to this version. Any number of replicas may have it
 * open: none keeps anything that the others have to know. Throws `database-unusable`, `usage`, `tls-unusable`.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<PortalStore> {
  const { now = () => new Date(), log = silentLog } = options;
  await migrate(options, now());
  const database = openPool({ ...options, log });
  const replicas = connectReplicas({ ...options, log });
  const cache = cacheRules();
  const ahead = setInterval(() => void makeAhead(database, now(), log), AHEAD_MS).unref();
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
    streams: streamsIn(database),
    upgrades: upgradesIn(database),
    ...organisationsIn(database),
    ...actsIn(database),
    ...valuesIn(database),
    replicas,
    guesses: guessesIn(database),
    async close() {
      clearInterval(ahead);
      await replicas.close();
      await database.close();
    },
  };
}

const AHEAD_MS = 6 * 3_600_000;

/** A replica may run for months: what is to come needs its partitions. Whichever is first makes them. */
async function makeAhead(database: Database, at: Date, log: Log): Promise<void> {
  try {
    await database.portalWriting(async (rows) => {
      await rows.get('SELECT pg_advisory_xact_lock(?, ?)', [LOCKS.class, LOCKS.migrate]);
      await makePartitions(rows, at);
    });
  } catch (error) {
    log.error('no partition was made for what is to come', { reason: describe(error) });
  }
}
