import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { WorkspaceFolder } from '../kiro/places-0x.ts';
import type { Workspace0x } from '../kiro/workspace-folders-0x.ts';
import type { CaptureContext } from './capture-context.ts';
import { countStrange, freshLedger, type Ledger, QUIET_MS, settleFile, settleOldest, shortName } from './ledger-0x.ts';
import { listWorkspace } from './listing-0x.ts';
import { type FileRead, readExecution } from './read-execution-0x.ts';
import { readHistory } from './read-history-0x.ts';
import { groupSnapshots, readSnapshots } from './read-snapshots-0x.ts';
import type { SourceRead } from './session-source.ts';

/**
 * Reads what changed in a workspace of Kiro 0.x since `cursor` (null: everything), one file a step, so that no more than one
 * is ever in memory. No step when nothing changed. Reading again from an older cursor gives the same events with the same ids.
 */
export async function* readWorkspace(
  host: Host,
  place: Workspace0x,
  cursor: Ledger | null,
  context: CaptureContext,
): AsyncGenerator<SourceRead> {
  let ledger = cursor ?? freshLedger();
  const listing = await listWorkspace(place, ledger, host.now().getTime());
  const groups = await groupSnapshots(place, listing.snapshots);
  const strange = countStrange(ledger, listing.unknown);
  const works = [
    ...(Object.keys(strange.unknown).length === 0 ? [] : [async () => noteStrange(ledger, listing.unknown)]),
    ...(listing.strangers.length === 0 ? [] : [async () => passOver(ledger, listing.strangers)]),
    ...listing.due.map((due) => () => {
      // One that was read before it in this look may have said something of it.
      const followed = ledger.followed[due.file] ?? due.followed;
      return readExecution(host, place, { ...due, followed }, { ledger, listing, context });
    }),
    ...groups.map((group) => () => readSnapshots(host, place, group, { ledger, context })),
    // After the executions, which tell better what both hold.
    ...listing.chats.map((chat) => () => readHistory(host, place, chat, { ledger, listing, context })),
  ];
  let waiting = false;
  for (const [at, work] of works.entries()) {
    const read = await carefully(host, place, ledger, work);
    waiting ||= read.torn;
    const last = at === works.length - 1;
    // While something is to be read again, the next look must list everything again.
    const seen = last && !waiting ? listing.seen : ledger.seen;
    ledger = settleOldest({ ...read.ledger, seen, round: listing.round });
    const { events, skipped, unknown } = read;
    yield { ...reading(host, ledger, waiting), events, unknown, skippedLines: skipped, more: !last };
  }
  const news = (Object.keys(listing.seen) as (keyof Ledger['seen'])[]).some(
    (name) => listing.seen[name] !== ledger.seen[name],
  );
  if (works.length > 0 || (!news && listing.round === ledger.round)) return;
  yield reading(host, { ...ledger, seen: listing.seen, round: listing.round }, false);
}

function noteStrange(ledger: Ledger, unknown: Readonly<Record<string, number>>): FileRead {
  return { events: [], torn: false, skipped: 0, ...countStrange(ledger, unknown) };
}

/** Files that are no execution by their names alone: counted once. */
function passOver(ledger: Ledger, files: readonly string[]): FileRead {
  const unknown = { 'file that is no execution': files.length };
  return { ledger: files.reduce(settleFile, ledger), events: [], torn: false, skipped: 0, unknown };
}

/** Nothing new, and whether there soon may be: an execution runs that changed not long ago. */
export function reading(host: Host, ledger: Ledger, waiting: boolean): SourceRead {
  const now = host.now().getTime();
  const running = Object.values(ledger.followed).find(
    ({ ended, waiting, changed }) => (!ended || waiting !== null) && now - changed < QUIET_MS,
  );
  const since = new Date(running?.start || now).toISOString();
  const open = running !== undefined || waiting;
  return {
    events: [],
    cursor: ledger,
    openTurn: open ? { id: running?.executionId ?? null, since } : null,
    more: false,
    skippedLines: 0,
    unknown: {},
  };
}

/** The file system's refusal of one file must not keep the others from being read; anything else is a fault of ours. */
async function carefully(
  host: Host,
  place: WorkspaceFolder,
  ledger: Ledger,
  work: () => Promise<FileRead>,
): Promise<FileRead> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    host.log.warn('an execution cannot be read', { workspace: place.id, code });
    return { ledger, events: [], torn: false, skipped: 1, unknown: {} };
  }
}

/** The cursor behind everything that is there: of an execution that runs now, what comes from now on is told. */
export async function baselineLedger(host: Host, place: Workspace0x): Promise<Ledger> {
  const now = host.now().getTime();
  let ledger: Ledger = { ...freshLedger(), from: now };
  const listing = await listWorkspace(place, ledger, now);
  const [old, recent] = partition(listing.due, (due) => now - due.stamp.changed >= QUIET_MS);
  for (const due of recent) ledger = (await readExecution(host, place, due, { ledger, listing, context: null })).ledger;
  for (const chat of listing.chats)
    ledger = (await readHistory(host, place, chat, { ledger, listing, context: null })).ledger;
  const before = [...old.map(({ file }) => file), ...listing.snapshots].map(shortName);
  return settleOldest({ ...ledger, before, seen: listing.seen, round: listing.round });
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
