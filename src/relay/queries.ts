import { type Database, inTransaction } from '../core/database.ts';
import { describe } from '../core/failure.ts';
import type { Row } from './outbox-rows.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

export type Value = string | number | null;
export type Durability = 'synced' | 'unsynced';

/** SQL on one database: compiled once, in transactions that are synced or not, and told when nothing more can be done there. */
export class Queries {
  readonly #database: Database;
  readonly #statements = new Map<string, ReturnType<Database['prepare']>>();
  readonly #broken = Promise.withResolvers<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves, with the reason, once nothing more can be read or written here. */
  get broken(): Promise<string> {
    return this.#broken.promise;
  }

  break(why: string): void {
    this.#broken.resolve(why);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.guard(() => this.#statement(sql).get(...values));
  }

  /** Answers how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return this.guard(() => Number(this.#statement(sql).run(...values).changes));
  }

  /** Row by row. What goes wrong while reading is noticed by `guard` around it. */
  iterate(sql: string, ...values: Value[]): Iterable<Row> {
    return this.#statement(sql).iterate(...values);
  }

  /**
   * On disk when it returns. `unsynced` is for what is simply done again when the power failed before it was there: it waits
   * for no sync, and the next synced transaction takes it along. A process that dies loses nothing of it. Inside another
   * transaction it is part of that one.
   */
  inTransaction<T>(work: () => T, durability: Durability = 'synced'): T {
    if (durability === 'synced' || this.#database.isTransaction) {
      return this.guard(() => inTransaction(this.#database, work));
    }
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.inTransaction(work);
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
  }

  /** Any work on this database. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const trouble = sqliteTrouble(error);
      if (trouble === 'broken' || trouble === 'damaged') this.break(describe(error));
      throw error;
    }
  }

  /** Compiling costs more than running. */
  #statement(sql: string): ReturnType<Database['prepare']> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}
