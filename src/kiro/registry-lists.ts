/** Kiro's lists of workspaces, from text to references (kiro/README K20 to K23). All tolerant: what is odd is left out. */
import * as z from 'zod';
import { parseJson } from './fields.ts';

/** What a list names: by URI or by path, a folder or a file that lists folders. */
export interface Reference {
  what: 'folder' | 'workspace-file';
  by: 'uri' | 'path';
  text: string;
}

const Folder = z.looseObject({ folder: z.string() });
const WorkspaceFile = z.looseObject({ workspace: z.string() });

/** `workspaceStorage/<id>/workspace.json`; none for one that is empty, late or garbage. */
export function referencesInWorkspaceJson(text: string): Reference[] {
  const value = parseJson(text);
  return [
    ...pick([value], Folder, ({ folder }) => toFolder(folder)),
    ...pick([value], WorkspaceFile, (it) => toFile(it.workspace)),
  ];
}

const Storage = z.looseObject({
  backupWorkspaces: z
    .looseObject({ workspaces: z.array(z.unknown()).catch([]), folders: z.array(z.unknown()).catch([]) })
    .catch({ workspaces: [], folders: [] }),
  profileAssociations: z
    .looseObject({ workspaces: z.record(z.string(), z.unknown()).catch({}) })
    .catch({ workspaces: {} }),
  windowsState: z
    .looseObject({ lastActiveWindow: z.unknown(), openedWindows: z.array(z.unknown()).catch([]) })
    .catch({ lastActiveWindow: null, openedWindows: [] }),
});
const ConfigPath = z.looseObject({ configURIPath: z.string() });
const FolderUri = z.looseObject({ folderUri: z.string() });
const WindowOfFile = z.looseObject({ workspaceIdentifier: ConfigPath });

/** `globalStorage/storage.json`, of which only these three parts are looked at (K21). */
export function referencesInStorageJson(text: string): Reference[] {
  const storage = Storage.safeParse(parseJson(text)).data;
  if (storage === undefined) return [];
  const { backupWorkspaces, profileAssociations, windowsState } = storage;
  const windows = [windowsState.lastActiveWindow, ...windowsState.openedWindows];
  return [
    ...pick(backupWorkspaces.workspaces, ConfigPath, (it) => toFile(it.configURIPath)),
    ...pick(backupWorkspaces.folders, FolderUri, (it) => toFolder(it.folderUri)),
    ...Object.keys(profileAssociations.workspaces).map(toFolderOrFile),
    ...pick(windows, Folder, (it) => toFolder(it.folder)),
    ...pick(windows, WindowOfFile, (it) => toFile(it.workspaceIdentifier.configURIPath)),
  ];
}

const Recent = z.looseObject({ entries: z.array(z.unknown()) });
const RecentFile = z.looseObject({ workspace: z.looseObject({ configPath: z.string() }) });

/** The value of `history.recentlyOpenedPathsList`. */
export function referencesInRecentList(text: string): Reference[] {
  const entries = Recent.safeParse(parseJson(text)).data?.entries ?? [];
  return [
    ...pick(entries, FolderUri, (it) => toFolder(it.folderUri)),
    ...pick(entries, RecentFile, (it) => toFile(it.workspace.configPath)),
  ];
}

const Session1x = z.looseObject({
  workspacePaths: z.array(z.string()).catch([]),
  rootPaths: z.array(z.string()).catch([]),
});

/** `session.json` of a 1.x session. */
export function referencesInSession1x(text: string): Reference[] {
  const session = Session1x.safeParse(parseJson(text)).data;
  return [...new Set([...(session?.workspacePaths ?? []), ...(session?.rootPaths ?? [])])].map(toFolderByPath);
}

const Session0x = z.looseObject({ workspaceDirectory: z.string() });

/** `sessions.json` of a 0.x workspace. */
export function referencesInSessions0x(text: string): Reference[] {
  const sessions = z.array(z.unknown()).safeParse(parseJson(text)).data ?? [];
  const folders = pick(sessions, Session0x, (it) => it.workspaceDirectory);
  return [...new Set(folders)].map(toFolderByPath);
}

function pick<T, R>(items: readonly unknown[], schema: z.ZodType<T>, map: (item: T) => R): R[] {
  return items.flatMap((item) => {
    const { data } = schema.safeParse(item);
    return data === undefined ? [] : [map(data)];
  });
}

const toFolder = (text: string): Reference => ({ what: 'folder', by: 'uri', text });
const toFile = (text: string): Reference => ({ what: 'workspace-file', by: 'uri', text });
const toFolderByPath = (text: string): Reference => ({ what: 'folder', by: 'path', text });
/** An association does not say which it is; files end so, untitled ones in the second way (kiro/README K26). */
const toFolderOrFile = (text: string): Reference =>
  /\.code-workspace$|\/Workspaces\/[^/]+\/workspace\.json$/.test(text) ? toFile(text) : toFolder(text);
