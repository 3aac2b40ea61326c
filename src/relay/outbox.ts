/**
 * Events on disk, from the moment they are read until every destination has them.
 *
 * - `commit` makes events and the cursor behind them durable together; after a crash both are there or neither is.
 * - An id is taken in once: reading a session twice adds nothing.
 * - An event leaves only by `acknowledge`, `reject` (kept aside, visible) or `bound` (which leaves a `capture.gap`).
 * - Order is the order of commits.
 * - What a destination answered for is kept in a journal up to a bound, for the person whose machine it is.
 */
import * as fs from 'node:fs';
import type { Database, Durability } from '../core/database.ts';
import type { CapsuleEvent, Probe } from '../core/event.ts';
import { ballastIn } from './ballast.ts';
import { type Coverage, countTurn, forgetCoverage, isRecordedTurn, readCoverage } from './coverage.ts';
import { type Depth, type Destination, Destinations, type Left, type Marks, marksOf } from './destinations.ts';
import { giveBackPages } from './give-back.ts';
import type { Loss, Losses, OutboxBounds } from './losses.ts';
import { lossesBeyond, parseRemoved, REMOVED, removedWith } from './losses.ts';
import { nextForOtlp } from './otlp/queue.ts';
import type { Commit, Damage, OutboxCounts, OutboxNeeds, SavedCursor } from './outbox-forms.ts';
import { type OutboxListener, OutboxListeners } from './outbox-listeners.ts';
import { takeWhileSmall, textOrNull, toRing, type Waiting } from './outbox-rows.ts';
import * as sql from './outbox-statements.ts';
import { Queries } from './queries.ts';
import type { Ring } from './ring.ts';
import { listCaptured, listSent, SentJournal, type ToldEvent, type ToldFilter } from './sent-journal.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

/** What the head of this file promises, on one database. */
export class Outbox {
  readonly damage: Damage | null;
  readonly #database: Database;
  readonly #sql: Queries;
  readonly #needs: OutboxNeeds;
  readonly #sent: SentJournal;
  readonly #destinations: Destinations;
  readonly #listeners = new OutboxListeners();
  readonly #ballast: ReturnType<typeof ballastIn>;
  readonly #inode: number;
  readonly #openedAt: number;
  readonly #livedBefore: number;
  /** Kept along, because summing up a full outbox would cost more than the event that is added to it. */
  #totals = { events: 0, bytes: 0 };

  constructor(database: Database, needs: OutboxNeeds) {
    this.#database = database;
    this.#sql = new Queries(database);
    this.#needs = needs;
    this.damage = needs.damage;
    this.#sent = new SentJournal(this.#sql);
    this.#destinations = new Destinations(this.#sql);
    this.#ballast = ballastIn(`${needs.file}-ballast`);
    this.#inode = fs.statSync(needs.file).ino;
    this.#openedAt = needs.monotonic();
    // Without it the log would stay as large as the largest burst ever made it.
    database.exec('PRAGMA journal_size_limit = 4194304');
    this.#totals = this.#sumUp();
    this.#livedBefore = Number(this.fact(LIVED) ?? 0);
    this.#ballast.keep();
  }

  /** Resolves, with the reason, once nothing more can be read or written here: close it and open it again. */
  get broken(): Promise<string> {
    return this.#sql.broken;
  }

  /** Breaks when the file was removed or replaced: what is written to it now is gone with the process. */
  checkPlace(): void {
    const ino = fs.statSync(this.#needs.file, { throwIfNoEntry: false })?.ino;
    if (ino !== this.#inode) this.#sql.break(`${this.#needs.file} was removed or replaced`);
  }

  /** Takes events in, moves the session's cursor and notes facts, in one transaction. Answers how many events were new. */
  commit({ events, cursor, facts = {} }: Commit): number {
    const json = cursor === undefined ? undefined : JSON.stringify(cursor.value);
    // A look that found nothing new must not cost a sync; a cursor that moved over nothing is moved again.
    if (events.length === 0 && Object.keys(facts).length === 0) {
      if (cursor !== undefined && json !== undefined) this.#moveCursor(cursor, json);
      return 0;
    }
    const fresh = this.#counting(() =>
      this.#sql.inTransaction(() => {
        const added = events.filter((event) => this.#put(event));
        if (cursor !== undefined && json !== undefined) this.#moveCursor(cursor, json);
        for (const [name, value] of Object.entries(facts)) this.setFact(name, value);
        const places = new Set(events.flatMap(({ session, workspace }) => [session.id, workspace?.path ?? session.id]));
        for (const place of places) this.#sql.run(sql.NOTE_ACTIVITY, place, this.#ago(0));
        return added;
      }),
    );
    this.#tellCaptured(fresh);
    return fresh.length;
  }

  #moveCursor({ store, session }: SavedCursor, json: string): void {
    this.#sql.inTransaction(() => this.#sql.run(sql.SAVE_CURSOR, store, session, json), 'unsynced');
  }

  /** Takes a probe in, to leave like an event by one way: it says nothing about any session, and counts nowhere. Answers which. */
  commitProbe(probe: Probe): Destination {
    const { first } = this.#destinations;
    this.#counting(() => this.#sql.inTransaction(() => this.#put(probe, marksOf([first]))));
    return first;
  }

  /** As `want` of `Destinations`. Answers how many events left because nobody wants them any more. */
  want(wanted: readonly Destination[]): number {
    const before = this.#totals.events;
    if (this.#sql.inTransaction(() => this.#destinations.want(wanted))) this.#totals = this.#sumUp();
    return before - this.#totals.events;
  }

  /** What waits for one destination. */
  depth(destination: Destination): Depth {
    return this.#destinations.depth(destination);
  }

  /** How much of what was sent is kept, in bytes; 0 for nothing. None unless said. */
  keepSent(maxBytes: number): void {
    this.#makingRoom('unsynced', () => this.#sent.keep(maxBytes));
  }

  /** `sent`: what the portal has answered for; `captured`: that, and what waits. The oldest of the chosen first. */
  told(what: 'captured' | 'sent', filter: ToldFilter): ToldEvent[] {
    return this.#sql.guard(() => (what === 'sent' ? listSent : listCaptured)(this.#database, filter));
  }

  /** Tells what is captured and answered from now on, once it is durable. Answers a function that ends it. */
  listen(listener: OutboxListener): () => void {
    return this.#listeners.add(listener);
  }

  /** Where reading a session of a store stopped; null when it was never read. */
  cursor(store: string, session: string): object | null {
    const row = this.#sql.get('SELECT json FROM cursor WHERE store = ? AND session = ?', store, session);
    return row === undefined ? null : (JSON.parse(String(row.json)) as object);
  }

  /** Whether this session was ever read, in whatever store it is. */
  knowsSession(session: string): boolean {
    return this.#sql.get('SELECT 1 FROM cursor WHERE session = ?', session) !== undefined;
  }

  /** Something to remember about all of it, by name. */
  fact(name: string): string | null {
    return textOrNull(this.#sql.get('SELECT value FROM fact WHERE name = ?', name)?.value);
  }

  setFact(name: string, value: string): void {
    this.#sql.run('INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, value);
  }

  /** Several steps that become durable together; `unsynced`: with whatever is synced next. */
  together<T>(work: () => T, durability: Durability = 'synced'): T {
    return this.#counting(() => this.#sql.inTransaction(work, durability));
  }

  /** False when this ring was noted before: the same name within a minute (names are process ids, which come again). */
  noteRing({ name, time, from, sessionId, cwd }: Ring): boolean {
    const before = new Date(Date.parse(time) - SAME_RING_MS).toISOString();
    return this.#sql.run(sql.SAVE_RING, name, time, from, sessionId, cwd, before) === 1;
  }

  /** Counts a ring that was new, where it may be counted. */
  countRing({ time, cwd }: Ring): void {
    countTurn(this.#sql, 'rings', { time, workspace: cwd });
  }

  /** From that day (`2026-09-03`, UTC) on, the latest first. */
  coverage(from: string): Coverage[] {
    return readCoverage(this.#database, from);
  }

  openRings(): Ring[] {
    return this.#sql.guard(() => [...this.#sql.iterate(sql.OPEN_RINGS)].map(toRing));
  }

  /** Makes rings durable that still wait and were noted `unsynced`. */
  keepOpenRings(): void {
    // Something has to change: what is written as it was is not written, and then nothing is synced.
    this.#sql.inTransaction(() => this.setFact(KEPT, this.fact(KEPT) === '1' ? '0' : '1'));
  }

  answerRings(names: readonly string[]): void {
    this.#sql.inTransaction(() => this.#sql.run(sql.ANSWER_RINGS, this.#ago(0), JSON.stringify(names)), 'unsynced');
  }

  lastRing(): string | null {
    return textOrNull(this.#sql.get('SELECT max(time) AS time FROM ring')?.time);
  }

  /** When an event was last taken in, ISO 8601. */
  lastEvent(): string | null {
    return textOrNull(this.#sql.get('SELECT max(time) AS time FROM activity')?.time);
  }

  /** When something was last captured for a session id or a workspace path. */
  lastActivity(place: string): string | null {
    return textOrNull(this.#sql.get('SELECT time FROM activity WHERE place = ?', place)?.time);
  }

  /** The portal's oldest events, as many as fit, none after `lastSeq`; the first always comes along. */
  next(maxEvents: number, maxBytes: number, lastSeq = Number.MAX_SAFE_INTEGER): Waiting[] {
    return this.#sql.guard(() => takeWhileSmall(this.#sql.iterate(sql.NEXT, 0, lastSeq, maxEvents), maxBytes));
  }

  /** As `next`, of those behind `seq`. */
  nextAfter(seq: number, maxEvents: number, maxBytes: number): Waiting[] {
    const last = Number.MAX_SAFE_INTEGER;
    return this.#sql.guard(() => takeWhileSmall(this.#sql.iterate(sql.NEXT, seq, last, maxEvents), maxBytes));
  }

  /** As `nextForOtlp`: `settledMs` is how long the daemon has run since a message of an open turn was taken in. */
  nextForOtlp(maxEvents: number, maxBytes: number, settledMs: number): Waiting[] {
    return nextForOtlp(this.#sql, { maxEvents, maxBytes, bornBefore: this.#lived() - settledMs });
  }

  acknowledge(ids: readonly string[], destination: Destination = 'portal'): void {
    const counts = destination === this.#destinations.first;
    const answered = this.#makingRoom('unsynced', (room) => {
      const left = this.#leave(ids, { answer: 'accepted', destination, room });
      // As `#put` wrote it.
      for (const { kind, json } of left)
        if (counts && kind === 'turn.ended') this.#cover('delivered', JSON.parse(json ?? '') as CapsuleEvent);
      return left;
    });
    this.#tellAnswered(answered, { answer: 'accepted', destination });
  }

  /** Another text of a waiting event, in the same place. */
  replace(id: string, json: string): void {
    this.#makingRoom('unsynced', () => {
      const before = this.#sql.get('SELECT bytes FROM event WHERE id = ?', id);
      if (before === undefined) return;
      const bytes = Buffer.byteLength(json);
      this.#sql.run('UPDATE event SET json = ?, bytes = ? WHERE id = ?', json, bytes, id);
      this.#count(0, bytes - Number(before.bytes));
    });
  }

  /** Sets events aside that a destination will never take: kept, counted, not sent there again. */
  reject(
    refusals: readonly { id: string; code: string; message: string }[],
    destination: Destination = 'portal',
  ): void {
    if (refusals.length === 0) return;
    const answered = this.#makingRoom('unsynced', (room) =>
      refusals.map(({ id, code, message }) => {
        this.#sql.run(sql.SET_ASIDE, destination, code, message, this.#ago(0), id);
        return { code, left: this.#leave([id], { answer: code, destination, room }) };
      }),
    );
    for (const { code, left } of answered) this.#tellAnswered(left, { answer: code, destination });
  }

  counts(): OutboxCounts {
    const oldest = textOrNull(this.#sql.get('SELECT taken FROM event ORDER BY seq LIMIT 1')?.taken);
    const rejected = Number(this.#sql.get('SELECT count(*) AS n FROM rejected')?.n);
    return { ...this.#totals, oldest, rejected, removed: parseRemoved(this.fact(REMOVED)) };
  }

  /**
   * Removes the oldest events beyond the bounds; what `gap` makes of each session's loss takes their place. Rings that were
   * answered long ago are forgotten, and so are the oldest refused events. Answers how many waiting events were removed.
   */
  bound(bounds: OutboxBounds, gap: (loss: Loss) => CapsuleEvent): number {
    const losses = this.#beyond(bounds);
    // What a gap tells as lost must not come back with the power.
    const durability = losses.ids.length > 0 ? 'synced' : 'unsynced';
    const gaps = this.#makingRoom(durability, () => {
      for (const id of losses.ids) this.#remove(id);
      const gaps = losses.all.map((loss) => ({ event: gap(loss), marks: marksOf(loss.destinations) }));
      for (const { event, marks } of gaps) this.#put(event, marks);
      if (gaps.length > 0) this.setFact(REMOVED, removedWith(this.fact(REMOVED), losses, bounds, this.#ago(0)));
      this.#sql.run('DELETE FROM ring WHERE answered < ?', this.#ago(bounds.maxAgeMs));
      this.#sql.run(sql.FORGET_REJECTED, bounds.maxBytes / 20);
      forgetCoverage(this.#sql, this.#ago(COVERAGE_MS).slice(0, 10));
      this.#noteLived();
      return gaps;
    });
    this.#tellCaptured(gaps.map(({ event }) => event));
    this.#sql.guard(() => giveBackPages(this.#database, this.#sql));
    this.#ballast.keep();
    return losses.ids.length;
  }

  close(): void {
    this.#database.close();
  }

  #beyond({ maxBytes, maxAgeMs }: OutboxBounds): Losses {
    const limits = { bytes: this.#totals.bytes, maxBytes, bornBefore: this.#lived() - maxAgeMs };
    return lossesBeyond(this.#sql.iterate(sql.OLDEST), limits);
  }

  /** Not each time: what writes nothing else must not cost a sync. */
  #noteLived(): void {
    const lived = this.#lived();
    if (lived - Number(this.fact(LIVED) ?? 0) >= NOTE_LIVED_MS) this.setFact(LIVED, String(lived));
  }

  /** ms that the daemon has run in all. */
  #lived(): number {
    return Math.round(this.#livedBefore + this.#needs.monotonic() - this.#openedAt);
  }

  /** Whether it was new. */
  #put(event: CapsuleEvent | Probe, { portal, otlp }: Marks = this.#destinations.marks()): boolean {
    const json = JSON.stringify(event);
    const { id, kind, session, time } = event;
    const bytes = Buffer.byteLength(json);
    const about = [id, kind, session.id, event.turn?.id ?? null, time];
    if (this.#sql.run(sql.SAVE_EVENT, ...about, this.#ago(0), bytes, json, this.#lived(), portal, otlp) === 0)
      return false;
    this.#count(1, bytes);
    if (event.kind !== 'probe') this.#cover('seen', event);
    return true;
  }

  #tellCaptured(events: readonly CapsuleEvent[]): void {
    const time = this.#ago(0);
    this.#listeners.tell('captured', () =>
      events.map((event) => ({ time, answer: null, destination: null, json: JSON.stringify(event) })),
    );
  }

  #cover(what: 'seen' | 'delivered', event: CapsuleEvent): void {
    if (!isRecordedTurn(event)) return;
    countTurn(this.#sql, what, { time: event.time, workspace: event.workspace?.path ?? null });
  }

  /** Events that were answered for; those are left out that do not wait for that. The journal is the first to do without. */
  #leave(
    ids: readonly string[],
    { answer, destination, room }: { answer: string; destination: Destination; room: Room },
  ): Left[] {
    if (room === 'ample') this.#sent.note(ids, destination, { time: this.#ago(0), answer });
    const left = this.#destinations.leave(ids, destination, this.#listeners.anybody);
    for (const { last, bytes } of left) if (last) this.#count(-1, -bytes);
    return left;
  }

  #tellAnswered(left: readonly Left[], by: { answer: string; destination: Destination }): void {
    const time = this.#ago(0);
    this.#listeners.tell('answered', () => left.map(({ json }) => ({ time, ...by, json: json ?? '' })));
  }

  #remove(id: string): void {
    const row = this.#sql.get('DELETE FROM event WHERE id = ? RETURNING bytes', id);
    if (row !== undefined) this.#count(-1, -Number(row.bytes));
  }

  #count(events: number, bytes: number): void {
    this.#totals = { events: this.#totals.events + events, bytes: this.#totals.bytes + bytes };
  }

  #sumUp(): { events: number; bytes: number } {
    const row = this.#sql.get('SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM event');
    return { events: Number(row?.events), bytes: Number(row?.bytes) };
  }

  /** For what makes room: on a full disk the ballast is given up for it. Unsynced: what is done again if the power fails. */
  #makingRoom<T>(durability: Durability, work: (room: Room) => T): T {
    const once = (room: Room) => this.#counting(() => this.#sql.inTransaction(() => work(room), durability));
    try {
      return once('ample');
    } catch (error) {
      if (sqliteTrouble(error) !== 'full' || !this.#ballast.release()) throw error;
      return once('scarce');
    }
  }

  /** What is rolled back is not counted either. */
  #counting<T>(work: () => T): T {
    const before = { totals: this.#totals, sent: this.#sent.bytes };
    try {
      return work();
    } catch (error) {
      this.#totals = before.totals;
      this.#sent.bytes = before.sent;
      throw error;
    }
  }

  #ago(ms: number): string {
    return new Date(this.#needs.now().getTime() - ms).toISOString();
  }
}

const LIVED = 'lived';
const KEPT = 'kept';
const NOTE_LIVED_MS = 60_000;
const COVERAGE_MS = 90 * 24 * 60 * 60_000;

/** A ring reaches us through two doors, the second within seconds of the first. */
const SAME_RING_MS = 60_000;

/** `scarce`: the disk is full, and nothing is written that need not be. */
type Room = 'ample' | 'scarce';
