import type { CapsuleEvent } from '../core/event.ts';
import type { Log } from '../core/log.ts';
import type { Admission } from './admission.ts';
import type { Announcer } from './announcer.ts';
import type { Attempts } from './attempts.ts';
import type { Issuer } from './credentials.ts';
import type { Executables } from './installers/executables.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { PageFiles } from './page-files.ts';
import type { Passwords } from './passwords.ts';
import type { Runs } from './policies/runs.ts';
import type { Means } from './policies/send-notice.ts';
import type { Streams } from './siem/run-streams.ts';
import type { EventStore } from './store/store.ts';

/** What every route may need. */
export interface PortalContext extends Issuer {
  /** How the portal calls itself towards agents and people. */
  name: string;
  version: string;
  /** Further names the portal may be asked by (`Host`), beside addresses and localhost. */
  names: readonly string[];
  /** Whether what a proxy says of where a request came from is believed. */
  trustProxy: boolean;
  /** The door for what devices send. */
  admission: Admission;
  /** Wrong guesses of secrets. */
  attempts: Attempts;
  passwords: Passwords;
  page: PageFiles;
  executables: Executables;
  announcer: Announcer;
  /** Looks back over stored events. */
  runs: Runs;
  /** Sends to other systems. */
  streams: Streams;
  /** Stores and judges events, and has those told who want to know of what was found. */
  ingest(org: string, deviceId: string, events: readonly CapsuleEvent[], at: string): ReturnType<EventStore['ingest']>;
  /** Sees to it that the organisation has the built-in policies. */
  installPack(org: string): Promise<void>;
  metrics: Metrics;
  /** By which notices leave. */
  means(): Promise<Means>;
  log: Log;
}
