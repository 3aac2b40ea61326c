import { type ChatFolder, findChatFolders } from './chat-folders-0x.ts';
import type { FileMemory } from './file-memory.ts';
import { agentStorage, folderNames, hashName, isHashName, type WorkspaceFolder, workspaceFolder } from './places-0x.ts';
import { type OnRefused, unlessRefused } from './refused.ts';

/** What Kiro 0.x keeps about one workspace: the folder of its executions, and those of its chats. Either may be missing. */
export interface Workspace0x extends WorkspaceFolder {
  chats: ChatFolder[];
}

/** The workspaces that Kiro 0.x has a folder of executions or of chats for; links are not followed. */
export async function findWorkspaceFolders(
  userDataDirs: readonly string[],
  memory: FileMemory,
  refused: OnRefused,
): Promise<Workspace0x[]> {
  const found: Workspace0x[] = [];
  for (const [at, userDataDir] of userDataDirs.entries()) {
    const storage = agentStorage(userDataDir);
    // The first is the system's own: its keys must stay when the home is moved.
    const mark = at === 0 ? '' : `-${hashName(userDataDir).slice(0, 8)}`;
    const names = await unlessRefused(() => folderNames(storage), [], refused);
    const byId = new Map(names.filter(isHashName).map((id) => [id, [] as ChatFolder[]]));
    const { sessions } = workspaceFolder(storage, '', mark);
    for (const chats of await unlessRefused(() => findChatFolders(sessions, memory), [], refused)) {
      // Chats that do not say whose they are are told all the same: their folder stands for a workspace of its own.
      const id = hashName(chats.workspacePath ?? chats.path);
      byId.set(id, [...(byId.get(id) ?? []), chats]);
    }
    for (const [id, chats] of byId) found.push({ ...workspaceFolder(storage, id, mark), chats });
  }
  return found;
}
