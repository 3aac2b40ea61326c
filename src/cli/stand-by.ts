import { setTimeout as wait } from 'node:timers/promises';
import type { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { serveLocally } from '../relay/local-server.ts';
import type { StandBy } from './daemon-state.ts';
import { FolderWatches } from './folder-watches.ts';
import { watchOwn } from './watch-places.ts';

export interface StandingBy {
  version: string;
  supervised: boolean;
  why: Failure;
  /** When to try again, in ms. */
  forMs: number;
  /** Resolves when the user asks for the end. */
  stopped: Promise<void>;
  /** It answers now: whatever follows is no start that crashed. */
  answers(): void;
}

/**
 * A daemon that cannot work, or should not, does not exit: a service manager would start it again and again, and nobody would
 * say why. It touches nothing, answers `status` and `stop`, and lets rings wait in their folder. What is wrong with a file of ours
 * (`config-invalid`) is looked at again as soon as one of them changes.
 */
export async function standBy(
  host: Host,
  { version, supervised, why, forMs, stopped, answers }: StandingBy,
): Promise<'stopped' | 'again'> {
  const asked = Promise.withResolvers<void>();
  const timer = new AbortController();
  const state: StandBy = {
    version,
    pid: process.pid,
    startedAt: host.now().toISOString(),
    supervised,
    standBy: {
      why: why.message,
      fix: why.hint ?? null,
      nextTry: new Date(host.now().getTime() + forMs).toISOString(),
    },
  };
  host.log.error('standing by', { why: why.message });
  const server = await serveLocally(host, version, {
    'GET /v1/status': () => ({ status: 200, body: state }),
    'POST /v1/ring': () => ({ status: 200, body: { ok: true } }),
    'POST /v1/stop': () => ({ status: 200, body: { ok: true }, afterwards: () => asked.resolve() }),
  });
  answers();
  const changed = Promise.withResolvers<void>();
  const watching = why.code === 'config-invalid' ? watchSettled(host, changed.resolve) : undefined;
  const end = await Promise.race([
    Promise.race([stopped, asked.promise]).then(() => 'stopped' as const),
    changed.promise.then(() => 'again' as const),
    wait(forMs, 'again' as const, { signal: timer.signal }),
  ]);
  timer.abort();
  await watching?.close();
  await server.close();
  return end;
}

function watchSettled(host: Host, changed: () => void) {
  return watchOwn(host, changed, new FolderWatches(), [host.own.settings, host.own.device]);
}
