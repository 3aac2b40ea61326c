/** Attaches every workspace that Kiro comes to know, and remembers how each of them stands. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { attachWorkspaces } from '../kiro/attach.ts';
import type { HooksToPlace } from '../kiro/hooks-to-place.ts';
import type { Workspace } from '../kiro/workspaces.ts';

/** Files are written synchronously, so a first look at thousands of workspaces lets others take their turn in between. */
const PORTION = 20;

export interface WorkspaceNeeds {
  scan(): Promise<Workspace[]>;
  hooks(): HooksToPlace;
  /** The numbers that the portal shows have changed. */
  changed(): void;
}

export interface WorkspaceCounts {
  known: number;
  attached: number;
  remote: number;
  missing: number;
  excluded: number;
  notAttached: { path: string; reason: string }[];
}

export interface FollowingWorkspaces {
  /** Looks at the registry again. Looks that are asked for while one is under way become one more. */
  look(): Promise<void>;
  counts(): WorkspaceCounts;
}

/** Looks only when it is asked to. A look that fails is logged, and the next one looks again. */
export function followWorkspaces(host: Host, needs: WorkspaceNeeds): FollowingWorkspaces {
  let counts: WorkspaceCounts = { known: 0, attached: 0, remote: 0, missing: 0, excluded: 0, notAttached: [] };
  let running: Promise<void> | undefined;
  let again = false;

  const lookOnce = async () => {
    const workspaces = await needs.scan();
    const notAttached: WorkspaceCounts['notAttached'] = [];
    const hooks = needs.hooks();
    for (let at = 0; at < workspaces.length; at += PORTION) {
      const changes = attachWorkspaces(host, { hooks, workspaces: workspaces.slice(at, at + PORTION) });
      for (const { file, result, detail } of changes) {
        if (result === 'done') host.log.info('workspace file written', { file });
        if (result === 'failed' || result === 'skipped') notAttached.push({ path: file, reason: detail });
      }
      await nextTurn();
    }
    const before = JSON.stringify(counts);
    counts = countWorkspaces(workspaces, notAttached);
    if (JSON.stringify(counts) !== before) needs.changed();
  };

  const run = async () => {
    do {
      again = false;
      try {
        await lookOnce();
      } catch (error) {
        // The registry is Kiro's and may be in any state; the next change or timer looks again.
        host.log.error('looking for workspaces failed', { error: describe(error) });
      }
    } while (again);
  };

  return {
    look() {
      again = running !== undefined;
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    counts: () => counts,
  };
}

/** Pure. */
export function countWorkspaces(
  workspaces: readonly Workspace[],
  notAttached: WorkspaceCounts['notAttached'],
): WorkspaceCounts {
  const of = (state: Workspace['state']) => workspaces.filter((workspace) => workspace.state === state).length;
  const failing = new Set(
    workspaces
      .filter(
        ({ state, path }) =>
          state === 'local' && notAttached.some((file) => path !== null && file.path.startsWith(path)),
      )
      .map(({ path }) => path),
  );
  return {
    known: workspaces.length,
    attached: of('local') - failing.size,
    remote: of('remote'),
    missing: of('missing'),
    excluded: of('excluded') + of('skipped'),
    notAttached,
  };
}
