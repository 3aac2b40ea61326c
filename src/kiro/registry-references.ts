import { promises } from 'node:fs';
import path from 'node:path';
import { parseJson } from './fields.ts';
import type { FileMemory } from './file-memory.ts';
import { mapLimited } from './map-limited.ts';
import type { KiroPaths } from './paths.ts';
import { readRecentList } from './recent-list.ts';
import * as lists from './registry-lists.ts';

/** What one of Kiro's lists names. */
export interface Named {
  source: string;
  references: readonly lists.Reference[];
}

/** How many files are looked at at once, so that a scan neither floods the disk nor takes all of Node's threads for long. */
export const AT_ONCE = 32;

const MAX_BYTES = 16 * 1024 * 1024;

interface List {
  source: string;
  files(): Promise<string[]>;
  read(file: string): Promise<lists.Reference[]> | lists.Reference[];
  isFinal?(references: readonly lists.Reference[]): boolean;
}

/** Reads all lists of all user-data folders. Only what changed since `memory` last saw it is read again. */
export async function collectReferences(memory: FileMemory, paths: KiroPaths): Promise<Named[]> {
  const all = [...paths.userDataDirs.flatMap(listsOfUserData), sessionsOf1x(paths.sessions)];
  const named = await Promise.all(all.map((list) => readList(memory, list)));
  return named.flat();
}

/** What one folder of `workspaceStorage` names: a list by itself. */
export function referencesOfEntry(memory: FileMemory, entry: string): Promise<Named[]> {
  return readList(memory, { ...inEntries, files: async () => [path.join(entry, WORKSPACE_FILE)] });
}

/** A list that is there, and in which no reader can make out what it says. */
export interface BrokenList {
  file: string;
  /** As one clause. */
  problem: string;
}

/**
 * Lists that hold garbage, which are read as if they were empty. One without a byte is about to be written, and one that cannot
 * be opened is another matter: both are left out.
 */
export async function findBrokenLists(paths: KiroPaths): Promise<BrokenList[]> {
  const all = [...paths.userDataDirs.flatMap(listsOfUserData), sessionsOf1x(paths.sessions)];
  const files = (await Promise.all(all.map((list) => list.files()))).flat();
  const judged = await mapLimited(files, AT_ONCE, async (file) => ({ file, problem: await findGarbage(file) }));
  return judged.flatMap(({ file, problem }) => (problem === null ? [] : [{ file, problem }]));
}

async function findGarbage(file: string): Promise<string | null> {
  try {
    if (path.extname(file) !== '.json') {
      readRecentList(file);
      return null;
    }
    const text = await readText(file);
    return text.trim() === '' || parseJson(text) !== undefined ? null : 'is not JSON';
  } catch (error) {
    if (error instanceof RangeError) return 'is too large to be a list of workspaces';
    // Anything else is a list that is not there, not ours to read, or in use at this moment.
    return isNoDatabase(error) ? 'is no database, or a damaged one' : null;
  }
}

/** SQLite's codes for a damaged file, and for one that never was a database. */
const isNoDatabase = (error: unknown) =>
  typeof error === 'object' && error !== null && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff);

async function readList(memory: FileMemory, { source, files, read, isFinal }: List): Promise<Named[]> {
  const found = await mapLimited(await files(), AT_ONCE, (file) => memory.recall(file, read, isFinal));
  return found.map((references) => ({ source, references: references ?? [] }));
}

function listsOfUserData(userDataDir: string): List[] {
  const user = path.join(userDataDir, 'User');
  const global = path.join(user, 'globalStorage');
  return [
    { ...inEntries, files: () => filesBelow(path.join(user, 'workspaceStorage'), WORKSPACE_FILE) },
    {
      source: 'storage.json',
      files: async () => [path.join(global, 'storage.json')],
      read: inText(lists.referencesInStorageJson),
    },
    { source: 'recently opened', files: async () => [path.join(global, 'state.vscdb')], read: readRecentList },
    {
      source: 'sessions of 0.x',
      files: () => filesBelow(path.join(global, 'kiro.kiroagent', 'workspace-sessions'), 'sessions.json'),
      read: inText(lists.referencesInSessions0x),
    },
  ];
}

const WORKSPACE_FILE = 'workspace.json';

const inEntries: Omit<List, 'files'> = {
  source: 'workspaceStorage',
  read: (file) => readText(file).then(lists.referencesInWorkspaceJson),
  // Written once for each id and never again (kiro/README K20): with thousands of them, a stat each would be felt.
  isFinal: (references) => references.length > 0,
};

function sessionsOf1x(sessions: string): List {
  const files = async () => {
    // `cli` belongs to the command-line Kiro and has no buckets in it.
    const buckets = (await listNames(sessions)).filter((name) => name !== 'cli');
    const inBuckets = await mapLimited(buckets, AT_ONCE, (name) =>
      filesBelow(path.join(sessions, name), 'session.json'),
    );
    return inBuckets.flat();
  };
  return { source: 'sessions of 1.x', files, read: inText(lists.referencesInSession1x) };
}

function inText(read: (text: string) => lists.Reference[]): List['read'] {
  return async (file) => read(await readText(file));
}

async function filesBelow(folder: string, name: string): Promise<string[]> {
  return (await listNames(folder)).map((child) => path.join(folder, child, name));
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await promises.readdir(folder);
  } catch {
    // One list of several; what it said before is gone with its folder, and the others still stand.
    return [];
  }
}

/** Rejects for a file that is missing, unreadable, or larger than a list of workspaces can be. */
export async function readText(file: string): Promise<string> {
  const { size } = await promises.stat(file);
  if (size > MAX_BYTES) throw new RangeError(`${file} is too large to be a list of workspaces`);
  return promises.readFile(file, 'utf8');
}
