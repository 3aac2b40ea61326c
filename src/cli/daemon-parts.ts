/** Parts of the daemon that need nothing of it but what they are handed. */
import type { BackfillProgress } from '../capture/backfill.ts';
import { withoutMigrated } from '../capture/migrated-sessions.ts';
import type { SessionSource } from '../capture/session-source.ts';
import { source0x } from '../capture/source-0x.ts';
import { source1x } from '../capture/source-1x.ts';
import { sourceCli2 } from '../capture/source-cli2.ts';
import type { Host } from '../core/host.ts';
import { migratedAt } from '../kiro/migration-0x.ts';
import { takenOverAt } from '../kiro/takeover-cli2.ts';
import { createRegistry } from '../kiro/workspaces.ts';
import type { Outbox } from '../relay/outbox.ts';
import { fillOf } from './baseline.ts';
import { isInstalled } from './bring-in-line.ts';
import type { CaptureSurroundings } from './capture-surroundings.ts';
import { dispatcherFiles } from './dispatcher-files.ts';
import { type BackfillSpan, type Filling, followBackfill } from './follow-backfill.ts';
import type { SessionFollower } from './follow-sessions.ts';
import { type FollowingWorkspaces, followWorkspaces } from './follow-workspaces.ts';

/** Waiting for the attachments' record stops the whole daemon. */
const RECORD_WAIT_MS = 1_000;
/** So much of the outbox may be older sessions' that wait for the portal; the rest is for what happens now. */
const BACKFILL_SHARE = 0.25;

/** As `setTimeout`; answers a function that forgets it. */
type Later = (ms: number, then: () => void) => () => void;

/** All stores of Kiro's. `capturesCli` is asked at each reading. */
export function sourcesOf(host: Host, around: CaptureSurroundings, capturesCli: () => boolean): SessionSource[] {
  const userDataDirs = () => around.paths().userDataDirs;
  const of1x = source1x(host, () => around.paths().sessions);
  return [
    withoutMigrated(
      of1x,
      async (session) => (await migratedAt(userDataDirs(), session)) ?? takenOverAt(around.paths(), session),
    ),
    source0x(host, userDataDirs),
    sourceCli2(host, around.paths, capturesCli),
  ];
}

export interface FillingNeeds {
  outbox: Outbox;
  sources: readonly SessionSource[];
  around: CaptureSurroundings;
  sessions: SessionFollower;
  /** Events were added. */
  added(): void;
  later: Later;
}

/** Back-fill into the outbox, between what the sessions' follower reads. */
export function fillingOf(host: Host, { outbox, sources, around, sessions, added, later }: FillingNeeds): Filling {
  return followBackfill(host, {
    sources,
    cursors: { get: (store, id) => outbox.cursor(store, id) },
    progress: (store, id) => backfillProgress(outbox.cursor(fillOf(store, id).store, id)),
    since: {
      get: () => backfillSpan(outbox.fact('backfill')),
      note: (span) => outbox.setFact('backfill', JSON.stringify(span)),
    },
    context: around.context,
    commit: (store, session, events, progress) => {
      if (outbox.commit({ events, cursor: { ...fillOf(store, session), value: progress } }) > 0) added();
    },
    count: (read) => sessions.count(read),
    between: (work) => sessions.between('back-fill', work),
    busy: () =>
      sessions.state().openTurns > 0 || outbox.counts().bytes > around.settings()['outbox.maxBytes'] * BACKFILL_SHARE,
    later,
  });
}

/** Every workspace that Kiro knows, as the surroundings of each moment say. `changed`: the numbers that the portal shows. */
export function workspacesOf(
  host: Host,
  { around, changed, later }: { around: CaptureSurroundings; changed: () => void; later: Later },
): FollowingWorkspaces {
  const registry = createRegistry(host, around.paths);
  return followWorkspaces(host, {
    installed: () => isInstalled(host, RECORD_WAIT_MS),
    scan: () => {
      around.refresh();
      return registry.scan(around.settings());
    },
    lookAt: (entry) => registry.lookAt(entry, around.settings()),
    wanted: () => ({
      paths: around.paths(),
      hooks: around.hooks(),
      exclude: around.settings()['workspaces.exclude'],
      dispatcher: dispatcherFiles(host),
    }),
    later,
    changed,
  });
}

/** As `commit` stored it. */
function backfillProgress(saved: object | null): BackfillProgress | null {
  return saved as BackfillProgress | null;
}

function backfillSpan(saved: string | null): BackfillSpan | null {
  return saved === null ? null : (JSON.parse(saved) as BackfillSpan);
}
