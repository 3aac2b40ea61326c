import path from 'node:path';
import { id } from './fields-0x.ts';
import type { FileMemory } from './file-memory.ts';
import { fileNames, folderNames } from './places-0x.ts';
import { parseSessionFile } from './session-file-0x.ts';
import { parseSessionList } from './session-list-0x.ts';
import { readWhole } from './whole-file-0x.ts';

/** One folder of `workspace-sessions`: the chats of one workspace (kiro/README Z1). */
export interface ChatFolder {
  path: string;
  /** null when no file in it says. */
  workspacePath: string | null;
  /** What its list holds that is not known, by name. */
  unknown: Record<string, number>;
}

/** The file of one chat. */
export interface ChatFile {
  sessionId: string;
  path: string;
}

const LIST = 'sessions.json';
const NOTHING = { workspacePath: null, unknown: {} };

/**
 * The folders below `workspace-sessions` that hold anything, each with the workspace its list names, else any of its chats: its own name is not
 * relied on (kiro/README Z2). Costs one stat a folder once `memory` has them.
 */
export async function findChatFolders(sessions: string, memory: FileMemory): Promise<ChatFolder[]> {
  const found: ChatFolder[] = [];
  for (const name of await folderNames(sessions)) {
    const folder = path.join(sessions, name);
    const listed = (await memory.recall(path.join(folder, LIST), readList)) ?? NOTHING;
    const workspacePath = listed.workspacePath ?? (await askChats(folder, memory));
    if (workspacePath === null && (await chatFiles(folder)).length === 0) continue;
    found.push({ path: folder, workspacePath, unknown: listed.unknown });
  }
  return found;
}

async function readList(file: string): Promise<{ workspacePath: string | null; unknown: Record<string, number> }> {
  const read = await readWhole(file, parseSessionList);
  // Then what it said before counts on, and the next look reads it again.
  if (read.found !== 'whole') throw new Error('the list is being written');
  const paths = read.value.sessions.map((listed) => listed.workspacePath);
  return { workspacePath: paths.find((each) => each !== null) ?? null, unknown: read.value.unknown };
}

/** So many chats are asked where they belong: all of a folder belong to the same workspace. */
const ASKED = 5;

async function askChats(folder: string, memory: FileMemory): Promise<string | null> {
  for (const chat of (await chatFiles(folder)).slice(0, ASKED)) {
    const said = await memory.recall(chat.path, workspaceOf, (value) => value !== null);
    if (said !== null && said !== undefined) return said;
  }
  return null;
}

async function workspaceOf(file: string): Promise<string | null> {
  const read = await readWhole(file, parseSessionFile);
  return read.found === 'whole' ? read.value.workspacePath : null;
}

/** The files of the chats in a folder; Kiro's marks beside them begin with a dot (kiro/README Z7). */
export async function chatFiles(folder: string): Promise<ChatFile[]> {
  const names = (await fileNames(folder)).filter((name) => name.endsWith('.json') && name !== LIST);
  return names
    .map((name) => ({ sessionId: name.slice(0, -'.json'.length), path: path.join(folder, name) }))
    .filter(({ sessionId }) => id.safeParse(sessionId).success);
}
