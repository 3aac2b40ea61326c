import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { parseFlatRecord } from '../kiro/flat-record-cli2.ts';
import { type CliRecord, isMessage } from '../kiro/records-cli2.ts';
import { type CliSessionFiles, lookAt } from '../kiro/session-files-cli2.ts';
import { isOpen } from '../kiro/session-lock-cli2.ts';
import { type CliSessionMeta, readCliSessionMeta } from '../kiro/session-meta-cli2.ts';
import type { CaptureContext } from './capture-context.ts';
import {
  type CliCursor,
  type CliFill,
  FLAT_START,
  type FlatAgain,
  type FlatPosition,
  flatBaseline,
} from './cursor-cli2.ts';
import { type CliCall, type CliDraft, closeCliDraft, openCliDraft } from './draft-cli2.ts';
import type { Fact } from './fact.ts';
import { passOverCli, reduceCli, windBackTo } from './normalize-cli2.ts';
import { countNames, nothingNew } from './reading-cli2.ts';
import type { SourceRead } from './session-source.ts';
import type { CliState } from './state-cli2.ts';
import { startOfCli2, surroundingsCli2 } from './surroundings-cli2.ts';
import { readLineAt, TAIL_LIMITS, type Tail, type TailedLine, tailLines } from './tail-lines.ts';
import { tellFacts } from './tell-facts.ts';
import { leaveTurnCli, settleTurnCli } from './turns-cli2.ts';

/** How long a missing or torn metadata file, or a turn's end, is waited for after the log's last change. */
const SETTLING_MS = 60_000;

export type CliRead = SourceRead & { cursor: CliCursor };

/**
 * Reads what Kiro CLI has added to a flat session since `before`, at most one piece of its log at a time. The end of a turn
 * stands in the metadata, which is written after the log: it is looked at last. Nothing is read while the metadata are
 * being written, because they name the workspace, whose level decides what may leave.
 */
export async function readFlat(
  host: Host,
  files: CliSessionFiles,
  before: CliCursor,
  context: CaptureContext,
): Promise<CliRead> {
  const from = before.flat ?? FLAT_START;
  const tail = await readTail(files.log, from, before.fill);
  if (tail === null) return nothingNew(before);
  if (tail.restarted && !from.primed) return nothingNew({ ...before, flat: flatBaseline(tail.size) });
  const quiet = await quietFor(host, files);
  const meta = await readCliSessionMeta(files.meta);
  if (meta === null && quiet < SETTLING_MS) {
    return { ...nothingNew(before), openTurn: { id: null, since: host.now().toISOString() } };
  }

  const { lines, flat } = takeLines(tail, from, meta);
  const whole = flat.from === 0 && before.state.turns === 0;
  const draft = await openDraft(files.log, before.state, meta);
  const { again, skipped } = reduceLines(draft, lines, flat);
  const more = tail.more || flat.offset < tail.position.offset;
  if (!more) {
    settleTurnCli(draft);
    // Whoever had the session open has closed it, so that no end of the turn will be written any more.
    if (quiet >= SETTLING_MS && !(await isOpen(host, files)) && (await isAll(files, before))) leaveTurnCli(draft);
  }

  const session = sessionOf(files.id, meta);
  const around = surroundingsCli2(session, context);
  const facts = draft.facts.filter((fact) => isWanted(fact, before.fill));
  const starts = facts.length > 0 && !before.started && around.level !== 'off';
  const start = startOfCli2(session, { whole, first: facts[0]?.time ?? null, fill: before.fill });
  const roots = session.cwd === null ? [] : [session.cwd];
  return {
    events: await tellFacts(facts, starts ? start : null, { around, context, roots }),
    cursor: { ...before, started: before.started || starts, state: closeCliDraft(draft), flat: { ...flat, again } },
    openTurn: openTurnOf(draft.state),
    more,
    skippedLines: skipped + (again === null ? tail.tooLong : 0),
    unknown: countNames(draft.unknown),
  };
}

/** A turn that runs, so that looking again soon is worth while. */
export function openTurnOf({ turn, lastTime }: CliState): SourceRead['openTurn'] {
  if (turn === null) return null;
  return { id: turn.id, since: turn.startedAt ?? lastTime ?? new Date(0).toISOString() };
}

/** In back-fill: whether it happened late enough to be told. Pure. */
export function isWanted({ time }: Fact, fill: CliFill | null): boolean {
  return fill === null || time >= fill.since;
}

/** Where only the part before us is told, what follows it may still end its last turn. */
async function isAll({ log }: CliSessionFiles, { fill }: CliCursor): Promise<boolean> {
  return fill === null || (await lookAt(log))?.size === fill.flat;
}

async function readTail(
  log: string,
  { offset, inode, skipping, from, primed }: FlatPosition,
  fill: CliFill | null,
): Promise<Tail | null> {
  const unread = !primed && offset === from;
  const limits = fill === null ? TAIL_LIMITS : { ...TAIL_LIMITS, end: fill.flat };
  try {
    return await tailLines(log, unread ? { offset: 0, inode, skipping: false } : { offset, inode, skipping }, limits);
  } catch (error) {
    // Kiro has just removed it.
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function quietFor(host: Host, { log, meta }: CliSessionFiles): Promise<number> {
  const changed = Math.max((await lookAt(log))?.mtimeMs ?? 0, (await lookAt(meta))?.mtimeMs ?? 0);
  return host.now().getTime() - changed;
}

/**
 * The lines to take now. In a log that was copied out of the database a message is known by the answer that follows it: one
 * at the end of a piece waits for the next piece.
 */
function takeLines(
  { lines, position, size, more, restarted }: Tail,
  before: FlatPosition,
  meta: CliSessionMeta | null,
): { lines: readonly TailedLine[]; flat: FlatPosition } {
  const from = restarted ? 0 : before.from;
  const until = Math.max(before.offset, before.again?.until ?? 0);
  const again = restarted ? { until, prompt: null } : before.again;
  const at = (offset: number) => ({ ...before, ...position, offset, size, from, again, primed: offset >= from });
  const all = { lines, flat: at(position.offset) };
  if (!meta?.exported || !more) return all;
  const kept = lines.slice(0, lines.findLastIndex((line) => parseFlatRecord(line.text, '')?.kind === 'assistant') + 1);
  const end = kept.at(-1)?.end;
  return end === undefined ? all : { lines: kept, flat: at(end) };
}

/** A draft of the state that goes on, with what its open calls were asked, read again from their lines. */
async function openDraft(log: string, state: CliState, meta: CliSessionMeta | null): Promise<CliDraft> {
  const held = new Map<string, CliCall>();
  for (const { callId, line } of state.calls) {
    const text = await readLineAt(log, line - 1);
    const record = text === null ? null : parseFlatRecord(text, '');
    const blocks = record !== null && isMessage(record) ? record.blocks : [];
    for (const block of blocks) if (block.type === 'toolUse' && block.callId === callId) held.set(callId, block);
  }
  return openCliDraft(state, { held, ends: meta?.turns ?? [], exported: meta?.exported ?? false });
}

/**
 * Runs the lines through the reducer; answers how many were no record, and whether the log still says again what was told. Of
 * those that end at or before `from` only the state is kept.
 */
function reduceLines(draft: CliDraft, lines: readonly TailedLine[], { from, again }: FlatPosition) {
  const parsed = lines
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, offset, end }) => ({ line: offset + 1, end, record: parseFlatRecord(text, `line-${offset}`) }));
  const records = parsed.flatMap(({ record, ...place }) => (record === null ? [] : [{ record, ...place }]));
  const told = draft.exported ? toldElsewhere(records, draft) : new Set<CliRecord>();
  const take = ({ record, line }: { record: CliRecord; line: number }) =>
    told.has(record) ? passOverCli(draft, record, { line }) : reduceCli(draft, record, { line });
  const old = records.filter(({ end }) => end <= from);
  for (const place of old) take(place);
  if (old.length > 0) {
    settleTurnCli(draft);
    draft.facts.length = 0;
    draft.unknown.length = 0;
  }
  const rest = records.slice(old.length);
  const news = again === null ? 0 : rest.findIndex((place) => place.end > again.until || isNews(draft, place.record));
  const repeated = news < 0 ? rest : rest.slice(0, news);
  const left = repeated.reduce((now, place) => sayAgain(draft, place.record, { line: place.line, again: now }), again);
  // Where it goes on in another way than before, it was wound back.
  const first = rest[repeated.length];
  if (left !== null && left.prompt !== null && first !== undefined && first.end <= left.until)
    windBackTo(draft, left.prompt);
  for (const place of rest.slice(repeated.length)) take(place);
  const known = again === null ? 0 : (first?.line ?? again.until);
  const skipped = parsed.filter(({ record, end }) => record === null && end > known).length;
  return { skipped, again: first === undefined ? left : null };
}

/** Nothing of a log that began anew says whether a mark in it is new. */
function isNews({ seen }: CliDraft, record: CliRecord): boolean {
  return isMessage(record) && !seen.has(record.id);
}

/** A record that was told before the log began anew: an open call now stands here. */
function sayAgain(
  { state, held }: CliDraft,
  record: CliRecord,
  { line, again }: { line: number; again: FlatAgain | null },
): FlatAgain | null {
  if (!isMessage(record)) return again;
  for (const block of record.blocks) {
    const open = block.type === 'toolUse' ? state.calls.find(({ callId }) => callId === block.callId) : undefined;
    if (block.type !== 'toolUse' || open === undefined) continue;
    held.set(block.callId, block);
    open.line = line;
  }
  return again === null || record.kind !== 'prompt' ? again : { ...again, prompt: record.id };
}

/** Messages whose next answer was told from the database: the copy gave them other ids, but the answers kept theirs. */
function toldElsewhere(records: readonly { record: CliRecord }[], { seen }: CliDraft): Set<CliRecord> {
  const told = new Set<CliRecord>();
  let known = false;
  for (const { record } of records.toReversed()) {
    if (!isMessage(record)) continue;
    if (record.kind === 'assistant') known = seen.has(record.id);
    if (known) told.add(record);
  }
  return told;
}

function sessionOf(id: string, meta: CliSessionMeta | null) {
  const { title = null, mode = null, model = null, cwd = null, createdAt = null } = meta ?? {};
  return { id, title, mode, model, cwd, createdAt };
}
