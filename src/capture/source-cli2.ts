import { describe, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type ConversationRow, listConversations, readConversation } from '../kiro/conversations-cli2.ts';
import type { KiroPaths } from '../kiro/paths.ts';
import { type CliSessionFiles, findCliSession, findCliSessions, lookAt } from '../kiro/session-files-cli2.ts';
import type { CaptureContext } from './capture-context.ts';
import {
  type CliCursor,
  type CliFill,
  cliBackfill,
  flatBaseline,
  freshCliCursor,
  knownCliCursor,
} from './cursor-cli2.ts';
import { logRefused } from './log-refused.ts';
import { readConversationOn } from './read-conversation-cli2.ts';
import { type CliRead, readFlat } from './read-flat-cli2.ts';
import { nothingNew } from './reading-cli2.ts';
import type { Cursor, CursorStore, SessionSource, SourceRead, SweepHint, SweepStep } from './session-source.ts';

export type CliPlaces = Pick<KiroPaths, 'cliSessions' | 'cliDatabases'>;

/** The sessions of Kiro CLI 2.x: flat files, and the database of older builds and of runs without a terminal. */
export function sourceCli2(host: Host, places: () => CliPlaces, isOn: () => boolean): SessionSource {
  return new CliSessions(host, places, isOn);
}

const NOWHERE: CliPlaces = { cliSessions: [], cliDatabases: [] };

/** A row, and the database it is in. */
interface Found {
  file: string;
  row: ConversationRow;
}

class CliSessions implements SessionSource {
  readonly store = 'cli-2';
  readonly #host: Host;
  readonly #places: () => CliPlaces;
  /** By database, what its files were at the last look at all of its conversations. */
  readonly #looks = new Map<string, string>();

  readonly isOn: () => boolean;

  constructor(host: Host, places: () => CliPlaces, isOn: () => boolean) {
    this.#host = host;
    this.isOn = isOn;
    this.#places = () => (isOn() ? places() : NOWHERE);
  }

  async *sweep(cursors: CursorStore, context: CaptureContext, hint: SweepHint = {}): AsyncGenerator<SweepStep> {
    const own = (id: string) => knownCliCursor(cursors.get(this.store, id));
    const refusals: unknown[] = [];
    const sessions = await findCliSessions(this.#places().cliSessions, (error) => refusals.push(error));
    const hinted = sessions.filter(({ id }) => id === hint.sessionId);
    for (const files of [...hinted, ...sessions.filter(({ id }) => id !== hint.sessionId)]) {
      if (await hasGrown(files, own(files.id)))
        yield* this.#steps(files.id, own, (cursor) => this.#flatOrOlder(files, cursor, context));
    }
    for (const found of await this.#changedRows()) {
      const { id } = found.row;
      if (isRead(found, own(id))) continue;
      for await (const step of this.#steps(id, own, (from) => this.#conversation(found, from, context))) {
        // Somebody has to notice when nothing more comes.
        if (step.read.openTurn !== null) this.#looks.delete(found.file);
        yield step;
      }
    }
    if (refusals.length > 0) throw refusals[0];
  }

  async read(sessionId: string, cursor: Cursor, context: CaptureContext): Promise<SourceRead | undefined> {
    const before = knownCliCursor(cursor);
    if (before.fill !== null) {
      const read = await this.#fill(sessionId, before, before.fill, context);
      return read?.cursor === before ? { ...read, cursor: cursor ?? before } : read;
    }
    const files = await findCliSession(this.#places().cliSessions, sessionId);
    const [found] = this.#rows(await existing(this.#places().cliDatabases), sessionId);
    if (files === null && found === undefined) return undefined;
    const flat = files === null ? null : await this.#flatOrOlder(files, before, context);
    const here = flat?.cursor ?? before;
    if (flat?.more || found === undefined || isRead(found, here)) return flat ?? nothingNew(here);
    const rest = await this.#conversation(found, here, context);
    if (rest === null) return flat ?? nothingNew(here);
    return flat === null ? rest : together(flat, rest);
  }

  backfill(live: Cursor, since: string): CliCursor | null {
    return live === null ? null : cliBackfill(knownCliCursor(live), since);
  }

  /** Nothing is held back here that a sweep would not tell. */
  async finish(): Promise<undefined> {
    return undefined;
  }

  async *baseline(): AsyncGenerator<{ sessionId: string; cursor: CliCursor }> {
    const cursors = new Map<string, CliCursor>();
    for (const { id, log } of await findCliSessions(this.#places().cliSessions, logRefused(this.#host))) {
      cursors.set(id, { ...freshCliCursor(), flat: flatBaseline((await lookAt(log))?.size ?? 0) });
    }
    for (const { row } of this.#rows(await existing(this.#places().cliDatabases))) {
      const database = { updatedAt: row.updatedAt, from: row.updatedAt, left: row.updatedAt, line: 1 };
      cursors.set(row.id, { ...(cursors.get(row.id) ?? freshCliCursor()), database });
    }
    for (const [sessionId, cursor] of cursors) yield { sessionId, cursor };
  }

  /** What was there before us: first that of the flat log, then that of the database. The same cursor: not to be read now. */
  async #fill(id: string, before: CliCursor, fill: CliFill, context: CaptureContext): Promise<SourceRead | undefined> {
    const { cliSessions, cliDatabases } = this.#places();
    if (fill.flat > 0) {
      const files = await findCliSession(cliSessions, id);
      const read = files === null ? nothingNew({ ...before }) : await this.#flat(files, before, context);
      if (read === null) return nothingNew(before);
      if (read.more || read.cursor === before) return read;
      return { ...read, cursor: { ...read.cursor, fill: { ...fill, flat: 0 } }, more: fill.database !== null };
    }
    const databases = await existing(cliDatabases);
    const [found] = this.#rows(databases, id);
    if (found === undefined) return databases.length === 0 ? undefined : nothingNew(before);
    return (await this.#conversation(found, before, context)) ?? nothingNew(before);
  }

  /** Reads on until there is no more. A step that found nothing is not told. */
  async *#steps(
    sessionId: string,
    own: (id: string) => CliCursor,
    read: (cursor: CliCursor) => Promise<CliRead | null>,
  ): AsyncGenerator<SweepStep> {
    let cursor = own(sessionId);
    for (let more = true; more; ) {
      const step = await read(cursor);
      if (step === null) return;
      more = step.more;
      const same = JSON.stringify(step.cursor) === JSON.stringify(cursor);
      cursor = step.cursor;
      if (!same || step.openTurn !== null) yield { sessionId, read: step };
    }
  }

  /**
   * A conversation that was in the database before us and has now been copied into a log: the database says first which of
   * its messages were there.
   */
  async #flatOrOlder(files: CliSessionFiles, cursor: CliCursor, context: CaptureContext): Promise<CliRead | null> {
    if (cursor.flat === null && (cursor.database?.from ?? null) !== null) {
      const [found] = this.#rows(await existing(this.#places().cliDatabases), files.id);
      const read = found === undefined ? null : await this.#conversation(found, cursor, context);
      if (read !== null && read.cursor.database?.from === null) return { ...read, more: true };
    }
    return this.#flat(files, cursor, context);
  }

  /** null when the file system refuses the session: it is logged and passed over. */
  async #flat(files: CliSessionFiles, cursor: CliCursor, context: CaptureContext): Promise<CliRead | null> {
    try {
      return await readFlat(this.#host, files, cursor, context);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      this.#host.log.warn('a session cannot be read', { session: files.id, code });
      return null;
    }
  }

  /** null when the database cannot be read now. */
  async #conversation({ file, row }: Found, before: CliCursor, context: CaptureContext): Promise<CliRead | null> {
    const value = this.#ask(file, () => readConversation(file, row));
    return value === undefined ? null : readConversationOn(this.#host, row, value, { before, context });
  }

  /** The rows of databases whose files have changed; each row's own time says whether it is new. */
  async #changedRows(): Promise<Found[]> {
    const changed: string[] = [];
    for (const file of this.#places().cliDatabases) {
      const look = await fingerprint(file);
      if (look === null || this.#looks.get(file) === look) continue;
      this.#looks.set(file, look);
      changed.push(file);
    }
    return this.#rows(changed);
  }

  /** Of a conversation in several places the one that was written last counts. `id`: that one alone. */
  #rows(files: readonly string[], id?: string): Found[] {
    const latest = new Map<string, Found>();
    for (const file of files) {
      for (const row of this.#ask(file, () => listConversations(file, id)) ?? []) {
        const known = latest.get(row.id);
        if (known === undefined || known.row.updatedAt <= row.updatedAt) latest.set(row.id, { file, row });
      }
    }
    return [...latest.values()];
  }

  /** undefined when the database cannot be read now: locked, damaged, of another make, or not there. */
  #ask<T>(file: string, question: () => T): T | undefined {
    try {
      return question();
    } catch (error) {
      this.#looks.delete(file);
      // SQLite's refusals alone; whatever else is thrown is a fault of ours.
      if (systemCode(error) !== 'ERR_SQLITE_ERROR') throw error;
      this.#host.log.warn('a database of Kiro CLI cannot be read now', { error: describe(error) });
      return undefined;
    }
  }
}

/** A turn without its end is looked at again, because the end is written elsewhere. */
async function hasGrown({ log }: CliSessionFiles, { flat, state }: CliCursor): Promise<boolean> {
  const look = await lookAt(log);
  if (look === null || !look.isFile()) return false;
  if (flat === null) return look.size > 0;
  if (state.turn !== null) return true;
  return look.size !== flat.size || (flat.inode !== null && flat.inode !== String(look.ino));
}

/** An unfinished turn is looked at again, unless it goes on in the flat log. */
function isRead({ row }: Found, { database, state, flat }: CliCursor): boolean {
  return database?.updatedAt === row.updatedAt && (state.turn === null || flat !== null);
}

function together(first: CliRead, second: CliRead): CliRead {
  const unknown = { ...first.unknown };
  for (const [name, count] of Object.entries(second.unknown)) unknown[name] = (unknown[name] ?? 0) + count;
  return {
    ...second,
    events: [...first.events, ...second.events],
    skippedLines: first.skippedLines + second.skippedLines,
    unknown,
  };
}

async function existing(files: readonly string[]): Promise<string[]> {
  const looks = await Promise.all(files.map(fingerprint));
  return files.filter((_, index) => looks[index] !== null);
}

/** What a database's files are now: with a write-ahead log the changes are in a file of its own. null when there is none. */
async function fingerprint(file: string): Promise<string | null> {
  const main = await lookAt(file);
  if (main === null || !main.isFile()) return null;
  const log = await lookAt(`${file}-wal`);
  return [main, log].map((look) => (look === null ? '-' : `${look.ino}:${look.mtimeMs}:${look.size}`)).join(' ');
}
