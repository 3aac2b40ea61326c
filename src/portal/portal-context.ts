import type { CapsuleEvent } from '../core/event.ts';
import type { Log } from '../core/log.ts';
import type { Announcer } from './announcer.ts';
import type { Issuer } from './credentials.ts';
import type { Executables } from './installers/executables.ts';
import type { PageFiles } from './page-files.ts';
import type { EventStore } from './store/store.ts';
import type { Runs } from './policies/runs.ts';

/** What every route may need. */
export interface PortalContext extends Issuer {
  /** How the portal calls itself towards agents and people. */
  name: string;
  version: string;
  /** Further names the portal may be asked by (`Host`), beside addresses and localhost. */
  names: readonly string[];
  page: PageFiles;
  executables: Executables;
  announcer: Announcer;
  /** Stores and judges events, and has those told who want to know of what was found. */
  ingest(org: string, deviceId: string, events: readonly CapsuleEvent[], at: string): ReturnType<EventStore['ingest']>;
  /** Sees to it that the organisation has the built-in policies. */
  installPack(org: string): Promise<void>;
  log: Log;
  /** Looks back over stored events. */
  runs: Runs;
}
