import { describe, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { sqliteTrouble } from '../relay/sqlite-trouble.ts';

/** What the system may run out of, and gets back. */
export type Lack = 'disk' | 'files';

/** When everything is looked at again: soon enough for a person who waits, seldom enough for a machine that is in need. */
const AGAIN_MS: Record<Lack, number> = { disk: 60_000, files: 10_000 };

export interface PassingNeeds {
  later(ms: number, then: () => void): () => void;
  /** Looks at everything again. */
  again(): void;
}

export interface PassingTrouble {
  /** Does a step. Throws what is no passing trouble. */
  survive(work: () => Promise<void>): Promise<void>;
  /** What a step failed for lack of, until everything was looked at again. */
  lacks(): Lack | null;
  stop(): void;
}

/**
 * Steps of the daemon that may fail for a reason that passes: a full disk, no file descriptors left, a broken outbox (which is
 * opened again). They stop nothing but themselves; what was not committed is read again.
 */
export function passingTrouble(host: Pick<Host, 'log'>, { later, again }: PassingNeeds): PassingTrouble {
  let lacks: Lack | null = null;
  let forget: (() => void) | undefined;
  const comeBack = (lack: Lack) => {
    lacks = lack;
    forget ??= later(AGAIN_MS[lack], () => {
      forget = undefined;
      lacks = null;
      again();
    });
  };
  return {
    async survive(work) {
      try {
        await work();
      } catch (error) {
        const trouble = sqliteTrouble(error);
        if (hasNoFiles(error)) {
          host.log.error('the system has no file descriptors left', { error: describe(error) });
          comeBack('files');
        } else if (trouble !== 'other') {
          host.log.error('the outbox cannot be used', { trouble, error: describe(error) });
          if (trouble === 'full') comeBack('disk');
        } else throw error;
      }
    },
    lacks: () => lacks,
    stop: () => forget?.(),
  };
}

/** Whether the system, or this process, has as many files open as it may. Pure. */
function hasNoFiles(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [systemCode(error), systemCode(cause)].some((code) => code === 'EMFILE' || code === 'ENFILE');
}
