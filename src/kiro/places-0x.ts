import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';

/** What Kiro 0.x keeps about one workspace: an index, a file for each execution, in older builds `.chat` snapshots (kiro/README Z1). */
export interface WorkspaceFolder {
  /** The folder's name, a hash of the workspace's path (kiro/README Z2). */
  id: string;
  /** Names it among those of all user-data folders. */
  key: string;
  path: string;
  index: string;
  saves: string;
  /** `workspace-sessions` beside it: the sessions of every workspace. */
  sessions: string;
}

const INDEX = 'f62de366d0006e17ea00a01f6624aabf';
const SAVES = '414d1636299d2b9e4ce7e17fb11f63e9';
const HASH = /^[0-9a-f]{32}$/;

/** Whether a text can be the name of a workspace's folder, or of an execution's file. */
export function isHashName(name: string): boolean {
  return HASH.test(name);
}

/** The name of a workspace's folder, of the path exactly as the editor has it; and of an execution's file, of its id (kiro/README Z2). */
export function hashName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Where Kiro 0.x keeps its sessions below a user-data folder. */
export function agentStorage(userDataDir: string): string {
  return path.join(userDataDir, 'User', 'globalStorage', 'kiro.kiroagent');
}

/** The place of a workspace by its id; nothing has to be there. `mark` tells user-data folders apart in the key. */
export function workspaceFolder(storage: string, id: string, mark: string): WorkspaceFolder {
  const folder = path.join(storage, id);
  return {
    id,
    key: id + mark,
    path: folder,
    index: path.join(folder, INDEX),
    saves: path.join(folder, SAVES),
    sessions: path.join(storage, 'workspace-sessions'),
  };
}

/** The folders in a folder; none when it is not there. */
export async function folderNames(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The regular files in a folder; none when it is not there. */
export async function fileNames(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}
