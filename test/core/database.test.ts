import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Database, inTransaction, type OpenOptions, openDatabase } from '../../src/core/database.ts';
import { kill, runElsewhere, source, startElsewhere } from '../helpers/other-process.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const ONE = 'CREATE TABLE note (text TEXT)';
const TWO = "INSERT INTO note VALUES ('migrated')";

const opened: Database[] = [];
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
});
function open(file: string, options: Partial<OpenOptions> = {}): Database {
  const database = openDatabase(file, { migrations: [ONE], waitMs: 0, ...options });
  opened.push(database);
  return database;
}
const aFile = () => path.join(tempFolder(), 'folder', 'test.db');
const notes = (database: Database) =>
  database
    .prepare('SELECT text FROM note')
    .all()
    .map(({ text }) => text);
const failure = (code: string, file: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(file) });
/** Opens the same file in another process. */
const openElsewhere = (file: string, options: Partial<OpenOptions>) => `
  const { openDatabase } = await import(${source('core/database.ts')});
  globalThis.database = openDatabase(${JSON.stringify(file)}, ${JSON.stringify({ migrations: [ONE], ...options })});`;

describe('a database', () => {
  test('is for its owner only from its first byte, with the files SQLite puts beside it', () => {
    const file = aFile();
    const umask = process.umask(0);
    open(file).exec("INSERT INTO note VALUES ('secret')");
    process.umask(umask);
    for (const each of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(each).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('syncs every commit and checks references', () => {
    // Elsewhere, because nothing is synced in a process of tests (`helpers/no-disk-syncs.ts`).
    const { stdout } = runElsewhere(`${openElsewhere(aFile(), {})};
      const pragma = (name) => Object.values(database.prepare('PRAGMA ' + name).get())[0];
      process.stdout.write(['journal_mode', 'synchronous', 'foreign_keys'].map(pragma).join());`);
    expect(stdout).toBe('wal,2,1');
  });

  test('that is none is left as it is', () => {
    const file = path.join(tempFolder(), 'test.db');
    writeFileSync(file, 'somebody’s letter '.repeat(100));
    const { size } = statSync(file);
    expect(() => open(file)).toThrow(failure('database-unusable', file));
    expect(statSync(file).size).toBe(size);
  });

  test('in a folder that cannot be made is a failure with the folder’s path', () => {
    const blocked = path.join(tempFolder(), 'file');
    writeFileSync(blocked, '');
    expect(() => open(path.join(blocked, 'folder', 'test.db'))).toThrow(failure('file-unwritable', blocked));
  });
});

describe('a migration', () => {
  test('runs once, and a later one is added to what is there', () => {
    const file = aFile();
    expect(notes(open(file))).toEqual([]);
    expect(notes(open(file, { migrations: [ONE, TWO] }))).toEqual(['migrated']);
    expect(notes(open(file, { migrations: [ONE, TWO] }))).toEqual(['migrated']);
  });

  test('that breaks off leaves nothing of itself, and is tried again', () => {
    const file = aFile();
    expect(() => open(file, { migrations: [ONE, `${TWO}; nonsense`] })).toThrow(failure('database-unusable', file));
    expect(notes(open(file, { migrations: [ONE, TWO] }))).toEqual(['migrated']);
  });

  test('of a newer version is neither run back nor written over', () => {
    const file = aFile();
    open(file, { migrations: [ONE, TWO] }).close();
    opened.pop();
    expect(() => open(file)).toThrow(expect.objectContaining({ message: expect.stringContaining('newer version') }));
    expect(notes(open(file, { migrations: [ONE, TWO] }))).toEqual(['migrated']);
  });

  test('of the same new file by several processes at once is done by one of them', async () => {
    const file = aFile();
    const code = openElsewhere(file, { migrations: [ONE, TWO], waitMs: 5_000 });
    await Promise.all(Array.from({ length: 8 }, () => startElsewhere(code)));
    expect(notes(open(file, { migrations: [ONE, TWO] }))).toEqual(['migrated']);
  });
});

describe('a database that another process is writing', () => {
  test('is waited for also where SQLite itself gives up at once: at the turn to the write-ahead log', async () => {
    const file = aFile();
    mkdirSync(path.dirname(file));
    await startElsewhere(`
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(${JSON.stringify(file)});
      database.exec('BEGIN IMMEDIATE');
      setTimeout(() => database.close(), 200)`);
    expect(() => open(file)).toThrow(failure('database-unusable', file));
    expect(notes(open(file, { waitMs: 20_000 }))).toEqual([]);
  });
});

describe('an exclusive database', () => {
  test('is refused to another process, and free the moment its holder is killed', async () => {
    const file = aFile();
    const holder = await startElsewhere(
      `${openElsewhere(file, { exclusive: true })} database.exec("INSERT INTO note VALUES ('kept')")`,
    );
    expect(() => open(file, { exclusive: true })).toThrow(expect.objectContaining({ code: 'already-running' }));
    expect(() => open(file)).toThrow(failure('database-unusable', file));
    await kill(holder);
    expect(notes(open(file, { exclusive: true }))).toEqual(['kept']);
  });

  test('is refused to another process also before its holder has written anything', () => {
    const file = aFile();
    open(file).close();
    opened.pop();
    open(file, { exclusive: true });
    const { stdout } = runElsewhere(
      `try { ${openElsewhere(file, { exclusive: true, waitMs: 0 })} } catch (error) { process.stdout.write(error.code) }`,
    );
    expect(stdout).toBe('already-running');
  });
});

describe('a transaction', () => {
  test('that throws leaves nothing, with what was done inside it', () => {
    const database = open(aFile());
    const add = (text: string) => database.prepare('INSERT INTO note VALUES (?)').run(text);
    const broken = () =>
      inTransaction(database, () => {
        add('outer');
        inTransaction(database, () => add('inner'));
        throw new Error('power failed');
      });
    expect(broken).toThrow('power failed');
    expect(notes(database)).toEqual([]);
    expect(inTransaction(database, () => inTransaction(database, () => add('both')).changes)).toBe(1);
    expect(notes(database)).toEqual(['both']);
  });
});
