import { describe, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { sqliteTrouble } from '../relay/sqlite-trouble.ts';

/** When to look at everything again after a step that the system had no file descriptors for: six times a minute at most. */
const AGAIN_MS = 10_000;

export interface PassingNeeds {
  later(ms: number, then: () => void): () => void;
  /** Looks at everything again. */
  again(): void;
}

/**
 * Steps of the daemon that may fail for a reason that passes: a full disk, a broken outbox (which opens it again), no file
 * descriptors left. They stop nothing but themselves; what was not committed is read again. Anything else is thrown on.
 */
export function passingTrouble(
  host: Pick<Host, 'log'>,
  { later, again }: PassingNeeds,
): { survive(work: () => Promise<void>): Promise<void>; stop(): void } {
  let forget: (() => void) | undefined;
  return {
    async survive(work) {
      try {
        await work();
      } catch (error) {
        if (isShortage(error)) {
          host.log.error('the system has no file descriptors left', { error: describe(error) });
          forget ??= later(AGAIN_MS, () => {
            forget = undefined;
            again();
          });
          return;
        }
        const trouble = sqliteTrouble(error);
        if (trouble === 'other') throw error;
        host.log.error('the outbox cannot be used', { trouble, error: describe(error) });
      }
    },
    stop: () => forget?.(),
  };
}

/** Whether the system, or this process, has as many files open as it may. Pure. */
function isShortage(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [systemCode(error), systemCode(cause)].some((code) => code === 'EMFILE' || code === 'ENFILE');
}
