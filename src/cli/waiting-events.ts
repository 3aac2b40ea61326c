import { existsSync } from 'node:fs';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { openOutbox } from '../relay/open-outbox.ts';

/** How many events the stopped daemon left undelivered. A database that cannot be opened counts as holding some. */
export function waitingEvents(host: Host): number {
  if (!existsSync(host.own.database)) return 0;
  try {
    const outbox = openOutbox(host.own.database, host.now);
    const { events, rejected } = outbox.counts();
    outbox.close();
    return events + rejected;
  } catch (error) {
    if (error instanceof Failure) return 1;
    throw error;
  }
}
