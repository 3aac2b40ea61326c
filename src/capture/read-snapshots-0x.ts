import path from 'node:path';
import type { Host } from '../core/host.ts';
import { type ChatSnapshot, parseChatSnapshot } from '../kiro/chat-snapshot-0x.ts';
import { hashName, type WorkspaceFolder } from '../kiro/places-0x.ts';
import { findWorkspacePath } from '../kiro/session-list-0x.ts';
import { readExecutionId, readWhole, stampOf } from '../kiro/whole-file-0x.ts';
import type { CaptureContext } from './capture-context.ts';
import { freshFollowed, type Ledger, settleFile, shortName } from './ledger-0x.ts';
import { type FileRead, factHash } from './read-execution-0x.ts';
import { snapshotFacts } from './snapshot-turn-0x.ts';
import { surroundings0x } from './surroundings-0x.ts';
import { tellFacts } from './tell-facts.ts';

/** The snapshots of one execution. */
export interface SnapshotGroup {
  /** null when their beginnings do not say which. */
  executionId: string | null;
  files: string[];
}

/** Puts snapshots together by the execution their first KiB names. */
export async function groupSnapshots(place: WorkspaceFolder, names: readonly string[]): Promise<SnapshotGroup[]> {
  const groups = new Map<string | null, string[]>();
  for (const name of names) {
    const executionId = await readExecutionId(path.join(place.path, name));
    groups.set(executionId, [...(groups.get(executionId) ?? []), name]);
  }
  return [...groups].map(([executionId, files]) => ({ executionId, files }));
}

/** Kiro adds snapshot after snapshot while a turn runs, each whole: they are read when no new one came for so long. */
const COMPLETE_MS = 60_000;

/** Tells the fullest snapshot of an execution; of one that is told already, what a later snapshot adds. */
export async function readSnapshots(
  host: Host,
  place: WorkspaceFolder,
  { executionId, files }: SnapshotGroup,
  { ledger, context }: { ledger: Ledger; context: CaptureContext },
): Promise<FileRead> {
  const nothing = { ledger, events: [], torn: false, skipped: 0, unknown: {} };
  const stamps = await Promise.all(files.map((file) => stampOf(path.join(place.path, file))));
  const newest = Math.max(...stamps.map((stamp) => stamp?.changed ?? 0));
  if (host.now().getTime() - newest < COMPLETE_MS) return { ...nothing, torn: true };
  const settled = files.reduce(settleFile, ledger);
  if (ledger.filling !== null && newest < ledger.filling.since) return { ...nothing, ledger: settled };
  if (executionId === null) return { ...nothing, ledger: settled, skipped: files.length };
  const file = hashName(executionId);
  // Builds that wrote both: the execution's own file says more.
  const better =
    Object.hasOwn(ledger.followed, file) || [...ledger.settled, ...ledger.before].includes(shortName(file));
  if (better) return { ...nothing, ledger: settled };

  const { best, skipped } = await fullest(place, files);
  if (best === null) return { ...nothing, ledger: settled, skipped };
  const key = `${file}.chat`;
  const before = ledger.followed[key] ?? freshFollowed(best.start ?? newest);
  const facts = snapshotFacts(best);
  const fresh = facts.filter((fact) => !before.told.includes(factHash(fact)));
  const path0 = await findWorkspacePath(place.sessions, place.id);
  const roots = path0 === null ? [] : [path0];
  // A snapshot names no chat, so each execution stands for itself (kiro/README Z8).
  const around = surroundings0x({ sessionId: executionId, execution: best, file: null, roots }, context);
  const first = before.told.length === 0 ? fresh[0] : undefined;
  const start = first === undefined ? null : { time: first.time, inferred: [] };
  const events = await tellFacts(fresh, start, { around, context, roots });
  const told = [...new Set([...before.told, ...facts.map(factHash)])];
  const followed = { ...settled.followed, [key]: { ...before, executionId, told, ended: true } };
  return { ...nothing, ledger: { ...settled, followed }, events, skipped, unknown: best.unknown };
}

async function fullest(place: WorkspaceFolder, files: readonly string[]) {
  let best: { snapshot: ChatSnapshot; changed: number } | null = null;
  let skipped = 0;
  for (const file of files) {
    const read = await readWhole(path.join(place.path, file), parseChatSnapshot);
    if (read.found === 'absent') continue;
    if (read.found !== 'whole') {
      skipped += 1;
      continue;
    }
    const [more, same] = compare(read.value, best?.snapshot);
    if (more || (same && read.stamp.changed > (best?.changed ?? 0)))
      best = { snapshot: read.value, changed: read.stamp.changed };
  }
  return { best: best?.snapshot ?? null, skipped };
}

function compare(one: ChatSnapshot, other: ChatSnapshot | undefined): [more: boolean, same: boolean] {
  const [a, b] = [one.entries.length, other?.entries.length ?? -1];
  return [a > b, a === b];
}
