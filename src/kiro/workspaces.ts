import path from 'node:path';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { createFileMemory, type FileMemory } from './file-memory.ts';
import { mapLimited } from './map-limited.ts';
import { readMounts } from './mounts.ts';
import type { KiroPaths } from './paths.ts';
import { AT_ONCE, collectReferences, type Named, readText, referencesOfEntry } from './registry-references.ts';
import { parseWorkspaceFile } from './workspace-file.ts';
import { type FolderRules, lookAtFolder, whyNotLooked } from './workspace-state.ts';
import { type Location, locatePath, parseUri } from './workspace-uri.ts';

/** A folder that Kiro knows as a workspace root, and whether we may attach to it. */
export interface Workspace {
  /** In one form, however Kiro wrote it: `file:///home/dev/My%20Project`, `vscode-remote://wsl+ubuntu/home/dev/demo`. */
  uri: string;
  /** In this system's form; null for what is not on this machine. */
  path: string | null;
  name: string;
  state: 'local' | 'remote' | 'missing' | 'excluded' | 'skipped';
  /** One clause for a person; null when it is local. */
  reason: string | null;
  /** Which of Kiro's lists name it, sorted. */
  sources: string[];
}

/** What our settings say of workspaces. */
export type WorkspaceSettings = Pick<Settings, 'workspaces.exclude' | 'workspaces.network'>;

/** Kiro's workspaces, from all of its lists (no single one has all; kiro/README K20 to K23). */
export interface Registry {
  /**
   * Looks again, at most 32 files at once, and reads only what changed since the last time. Sorted by URI. Rejects for
   * nothing but a bug: a list that cannot be read keeps what it said before.
   */
  scan(settings: WorkspaceSettings): Promise<Workspace[]>;
  /** What one folder of `workspaceStorage` names; nothing as long as its `workspace.json` is not there. As good as `scan`. */
  lookAt(entry: string, settings: WorkspaceSettings): Promise<Workspace[]>;
}

/** `paths` is asked at each scan, because settings may add a user-data folder meanwhile. */
export function createRegistry(host: Host, paths: () => KiroPaths, mounts = () => readMounts(host)): Registry {
  const memory = createFileMemory();
  const describe = async (files: FileMemory, named: readonly Named[], settings: WorkspaceSettings) => {
    const rules = { ...settings, mounts: mounts() };
    const folders = await resolveReferences(host, files, named, rules);
    return mapLimited([...folders.values()], AT_ONCE, (folder) => describeWorkspace(host, folder, rules));
  };
  return {
    async scan(settings) {
      const workspaces = await describe(memory, await collectReferences(memory, paths()), settings);
      memory.prune();
      return workspaces.sort((a, b) => (a.uri < b.uri ? -1 : 1));
    },
    async lookAt(entry, settings) {
      // Nothing is remembered: a scan may be under way, and forgets what it has not seen itself.
      const files = createFileMemory();
      return describe(files, await referencesOfEntry(files, entry), settings);
    },
  };
}

/** One look, for a command that ends after it. */
export function listWorkspaces(host: Host, paths: KiroPaths, settings: WorkspaceSettings): Promise<Workspace[]> {
  return createRegistry(host, () => paths).scan(settings);
}

interface Folder {
  location: Location;
  sources: Set<string>;
  /** Set when the place is a file that should have listed folders, and why it did not. */
  problem: string | null;
}

/** Unites what is the same place, and puts the folders of a workspace file in the file's stead. */
async function resolveReferences(
  host: Host,
  memory: FileMemory,
  named: readonly Named[],
  rules: FolderRules,
): Promise<Map<string, Folder>> {
  const folders = new Map<string, Folder>();
  const files = new Map<string, Folder>();
  const add = (to: Map<string, Folder>, location: Location, sources: Iterable<string>, problem: string | null) => {
    const known = to.get(location.uri) ?? { location, sources: new Set<string>(), problem };
    for (const source of sources) known.sources.add(source);
    to.set(location.uri, known);
  };
  for (const { source, references } of named) {
    for (const { what, by, text } of references) {
      const location = (by === 'uri' ? parseUri : locatePath)(text, host.platform);
      if (location !== null) add(what === 'folder' ? folders : files, location, [source], null);
    }
  }
  await mapLimited([...files.values()], AT_ONCE, async ({ location, sources }) => {
    if (location.kind === 'remote') return add(folders, location, sources, null);
    const why = await whyNotLooked(host, location.path, rules);
    if (why !== null) return add(folders, location, sources, why);
    const inFile = await memory.recall(location.path, async (file) =>
      parseWorkspaceFile(await readText(file), file, host.platform),
    );
    for (const folder of inFile ?? []) add(folders, folder, [...sources, path.basename(location.path)], null);
    if (inFile === undefined) add(folders, location, sources, 'the workspace file is not there');
    if (inFile === null) add(folders, location, sources, 'the workspace file does not parse');
  });
  return folders;
}

async function describeWorkspace(
  host: Host,
  { location, sources, problem }: Folder,
  rules: FolderRules,
): Promise<Workspace> {
  const { uri } = location;
  const common = { uri, sources: [...sources].sort() };
  if (location.kind === 'remote') {
    return { ...common, path: null, name: location.name, state: 'remote', reason: location.reason };
  }
  const about = { ...common, path: location.path, name: path.basename(location.path) || location.path };
  if (problem !== null)
    return { ...about, state: problem.includes('not there') ? 'missing' : 'skipped', reason: problem };
  return { ...about, ...(await lookAtFolder(host, location.path, rules)) };
}
