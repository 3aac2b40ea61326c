import { type Database, type Durability, inTransaction } from '../core/database.ts';
import { describe } from '../core/failure.ts';
import type { Row } from './outbox-rows.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

export type Value = string | number | null;

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

  /** As `inTransaction` of `core`. */
  inTransaction<T>(work: () => T, durability: Durability = 'synced'): T {
    return this.guard(() => inTransaction(this.#database, work, durability));
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
