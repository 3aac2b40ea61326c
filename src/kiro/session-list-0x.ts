import path from 'node:path';
import * as z from 'zod';
import { field, folder, id, listOf, parseBoth } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';
import { folderNames, hashName } from './places-0x.ts';
import { readWhole } from './whole-file-0x.ts';

/** One chat as `sessions.json` lists it (kiro/README Z5). */
export interface ListedSession {
  sessionId: string;
  workspacePath: string | null;
}

/** A workspace's list of chats, and the fields and shapes in it that are not known, by name. */
export interface SessionList {
  sessions: ListedSession[];
  unknown: Record<string, number>;
}

const Listed = z.object({ sessionId: id, workspaceDirectory: field(folder) });
const List = listOf(Listed);

/** A workspace's list of chats; null when it does not parse. */
export function parseSessionList(json: string): SessionList | null {
  const both = parseBoth(List, json);
  if (both === null) return null;
  const sessions = both.known.map(({ sessionId, workspaceDirectory }) => ({
    sessionId,
    workspacePath: workspaceDirectory,
  }));
  return {
    sessions,
    unknown: unknownFields0x('sessions', both.all, { name: 'sessions', list: both.all, read: both.known.length }),
  };
}

/** The path of a workspace from the hash that names its folder: the listed one with that hash, null when none has it. */
export async function findWorkspacePath(sessions: string, workspaceId: string): Promise<string | null> {
  for (const name of await folderNames(sessions)) {
    const read = await readWhole(path.join(sessions, name, 'sessions.json'), parseSessionList);
    const paths = read.found === 'whole' ? read.value.sessions.map((listed) => listed.workspacePath) : [];
    const found = paths.find((each) => each !== null && hashName(each) === workspaceId);
    if (found !== undefined) return found;
  }
  return null;
}
