/** Keeps every workspace that Kiro comes to know attached, mends what drifted, and remembers how everything stands. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { attachWorkspaces } from '../kiro/attach.ts';
import { placedHooks, userStanding, type WorkspaceStanding, workspaceStanding } from '../kiro/attachment-state.ts';
import type { Change } from '../kiro/change.ts';
import { type MendOptions, mend } from '../kiro/mend.ts';
import { detachUnwanted } from '../kiro/unwanted.ts';
import type { Workspace } from '../kiro/workspaces.ts';
import { type Drift, summarizeDrift } from './drift.ts';

/** Files are written synchronously, so a first look at thousands of workspaces lets others take their turn in between. */
const PORTION = 10;
/** Waiting for the record's lock stops the whole daemon, and whoever holds it is soon done. */
const LOCK_MS = 1_000;
const BUSY_AGAIN_MS = 5_000;
/** Kiro makes a workspace's folder first and writes into it without waiting (kiro/README K20). */
const WRITTEN_WITHIN_MS = [5, 20, 80, 250, 1_000, 3_000];

export interface WorkspaceNeeds {
  /** Whether `install` has been here: a hook whose dispatcher is missing tells the agent about a failure each turn. */
  installed(): boolean;
  scan(): Promise<Workspace[]>;
  /** What one folder of `workspaceStorage` names; nothing as long as Kiro has not written that. */
  lookAt(entry: string): Promise<Workspace[]>;
  /** What is wanted outside the workspaces, by the settings of this moment. */
  wanted(): MendOptions & { exclude: readonly string[] };
  later(ms: number, then: () => void): () => void;
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
  /** Those that cannot be attached, as far as there is room for them. What a person excluded is counted and never named. */
  elsewhere: { path: string; state: 'remote' | 'missing' | 'skipped'; reason: string }[];
}

/** So many are named of those that cannot be attached. */
const MAX_NAMED = 200;

export interface FollowingWorkspaces {
  /** Looks at everything again. Looks that are asked for while one is under way become one more. */
  look(): Promise<void>;
  /** One folder of `workspaceStorage` has come: what it names is attached before everything is looked at. */
  meet(entry: string): Promise<void>;
  counts(): WorkspaceCounts;
  drift(): Drift;
  stop(): void;
}

/** Begins with nothing known; each `look` does the rest. */
export function followWorkspaces(host: Host, needs: WorkspaceNeeds): FollowingWorkspaces {
  let counts: WorkspaceCounts = {
    known: 0,
    attached: 0,
    remote: 0,
    missing: 0,
    excluded: 0,
    notAttached: [],
    elsewhere: [],
  };
  let drift: Drift = { leftAlone: [], warnings: [] };
  let cleared = '';
  let installed = false;
  let running: Promise<void> | undefined;
  let again = false;
  let cancel = () => {};
  let stopped = false;
  const meetings = new Set<Promise<boolean>>();
  const awaited = new Set<string>();

  const putRight = (wanted: MendOptions, exclude: readonly string[]) => {
    // The record is opened for it, so only when what is wanted has changed.
    const wish = JSON.stringify([wanted.hooks, exclude]);
    if (wish !== cleared)
      tell(host, detachUnwanted(host, { hooks: wanted.hooks, exclude }, { waitMs: LOCK_MS }), 'removed');
    cleared = wish;
    const mended = mend(host, wanted);
    tell(host, mended, 'put right');
    return mended;
  };

  const lookOnce = async () => {
    const workspaces = await needs.scan();
    const { exclude, ...wanted } = needs.wanted();
    // Once it is so it stays so: who uninstalls ends the daemon first.
    installed ||= needs.installed();
    const mended = installed ? putRight(wanted, exclude) : [];
    const user = userStanding(host, wanted.paths, wanted.hooks);
    const placed = onceEach(() => placedHooks(host, LOCK_MS));
    const look = { ...wanted, userHook: user.hook?.inPlace ?? false, placed };
    const standings: WorkspaceStanding[] = [];
    for (let at = 0; at < workspaces.length; at += PORTION) {
      const portion = workspaces.slice(at, at + PORTION);
      if (installed) tell(host, attachWorkspaces(host, { hooks: wanted.hooks, workspaces: portion }), 'written');
      standings.push(...portion.map((workspace) => workspaceStanding(host, workspace, look)));
      await nextTurn();
      // One that has just come is waited for by somebody; reading it takes several turns, each as long as a portion.
      await Promise.allSettled(meetings);
    }
    const before = JSON.stringify([counts, drift]);
    counts = countWorkspaces(standings);
    const known = new Set(drift.leftAlone.map(({ file, reason }) => file + reason));
    drift = installed ? summarizeDrift(mended, user, standings) : { leftAlone: [], warnings: [notInstalled(host)] };
    for (const { file, reason } of drift.leftAlone) {
      if (!known.has(file + reason)) host.log.info('left alone', { file, reason });
    }
    if (JSON.stringify([counts, drift]) !== before) needs.changed();
  };

  const run = async () => {
    do {
      again = false;
      try {
        await lookOnce();
      } catch (error) {
        // The registry is Kiro's and may be in any state; the next change or timer looks again.
        host.log.error('looking for workspaces failed', { error: describe(error) });
        const busy = error instanceof Failure && error.code === 'attachments-busy';
        if (busy) cancel = needs.later(BUSY_AGAIN_MS, () => void look());
      }
    } while (again);
  };

  const look = () => {
    again = running !== undefined;
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
  /** Whether there was something to meet. Where nothing is installed the look at everything tells. */
  const meetNow = async (entry: string) => {
    const workspaces = await needs.lookAt(entry);
    if (installed && !stopped && workspaces.length > 0)
      tell(host, attachWorkspaces(host, { hooks: needs.wanted().hooks, workspaces }), 'written');
    return workspaces.length > 0;
  };
  const meet = async (entry: string) => {
    // Told of it once more: it is being asked for again and again already.
    if (awaited.has(entry)) return;
    awaited.add(entry);
    try {
      for (const waitMs of [...WRITTEN_WITHIN_MS, 0]) {
        const meeting = meetNow(entry);
        meetings.add(meeting);
        const met = await meeting.finally(() => meetings.delete(meeting));
        if (met || waitMs === 0 || stopped) return;
        await new Promise<void>((resolve) => needs.later(waitMs, resolve));
      }
    } catch (error) {
      host.log.error('looking at a workspace failed', { error: describe(error) });
    } finally {
      awaited.delete(entry);
    }
  };
  const stop = () => {
    stopped = true;
    cancel();
  };
  return { look, meet, counts: () => counts, drift: () => drift, stop };
}

function tell(host: Host, changes: readonly Change[], what: 'removed' | 'put right' | 'written'): void {
  for (const { step, file, result, failure } of changes) {
    if (result === 'done') host.log.info(`attachment ${what}`, { step, file });
    if (failure !== null) host.log.warn(`attachment not ${what}`, { step, file, code: failure.code });
  }
}

function notInstalled({ own }: Host): Drift['warnings'][number] {
  return {
    code: 'not-installed',
    file: own.home,
    message: 'capsule-kiro runs here without having been installed: sessions are read, but no hook is placed',
    fix: 'capsule-kiro install --portal https://…',
  };
}

function onceEach<T>(ask: () => T): () => T {
  let known: { answer: T } | undefined;
  return () => {
    known ??= { answer: ask() };
    return known.answer;
  };
}

/** Pure. */
export function countWorkspaces(standings: readonly WorkspaceStanding[]): WorkspaceCounts {
  const of = (...states: Workspace['state'][]) =>
    standings.filter(({ workspace }) => states.includes(workspace.state)).length;
  const local = standings.filter(({ workspace }) => workspace.state === 'local');
  return {
    known: standings.length,
    attached: local.filter(({ attached }) => attached).length,
    remote: of('remote'),
    missing: of('missing'),
    excluded: of('excluded', 'skipped'),
    notAttached: local
      .filter(({ attached }) => !attached)
      .map(({ workspace, detail }) => ({ path: workspace.path ?? workspace.uri, reason: detail })),
    elsewhere: standings
      .flatMap(({ workspace: { state, path, uri, reason } }) =>
        state === 'local' || state === 'excluded' ? [] : [{ path: path ?? uri, state, reason: reason ?? state }],
      )
      .slice(0, MAX_NAMED),
  };
}
