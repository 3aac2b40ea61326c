import { promises } from 'node:fs';
import path from 'node:path';
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

/** Reads all lists of all user-data folders. Only what changed since `memory` last saw it is read again. */
export async function collectReferences(memory: FileMemory, paths: KiroPaths): Promise<Named[]> {
  const inText = (read: (text: string) => lists.Reference[]) => async (file: string) => read(await readText(file));
  const many = async (source: string, files: string[], read: (text: string) => lists.Reference[]) => {
    const found = await mapLimited(files, AT_ONCE, (file) => memory.recall(file, inText(read)));
    return found.map((references): Named => ({ source, references: references ?? [] }));
  };
  const ofUserData = await Promise.all(
    paths.userDataDirs
      .map((folder) => path.join(folder, 'User'))
      .map(async (user) => {
        const global = path.join(user, 'globalStorage');
        const old = path.join(global, 'kiro.kiroagent', 'workspace-sessions');
        const recent = await memory.recall(path.join(global, 'state.vscdb'), readRecentList);
        return [
          ...(await many(
            'workspaceStorage',
            await filesBelow(path.join(user, 'workspaceStorage'), 'workspace.json'),
            lists.referencesInWorkspaceJson,
          )),
          ...(await many('storage.json', [path.join(global, 'storage.json')], lists.referencesInStorageJson)),
          { source: 'recently opened', references: recent ?? [] },
          ...(await many('sessions of 0.x', await filesBelow(old, 'sessions.json'), lists.referencesInSessions0x)),
        ];
      }),
  );
  const buckets = (await listNames(paths.sessions)).filter((name) => name !== 'cli');
  const sessions = await mapLimited(buckets, AT_ONCE, (name) =>
    filesBelow(path.join(paths.sessions, name), 'session.json'),
  );
  return [...ofUserData.flat(), ...(await many('sessions of 1.x', sessions.flat(), lists.referencesInSession1x))];
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
