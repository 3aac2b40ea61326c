import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../../src/core/host.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { HooksToPlace } from '../../src/kiro/hooks-to-place.ts';
import { type KiroPaths, kiroPaths } from '../../src/kiro/paths.ts';
import type { Workspace } from '../../src/kiro/workspaces.ts';
import { tempHost } from './temp-home.ts';

/** Every hook there is, as for a machine on which no Kiro tells its version. */
export const ALL_HOOKS: HooksToPlace = {
  user1x: true,
  workspace0x: true,
  workspace1x: true,
  trust: true,
  reason: 'test',
};

export const DISPATCHER = [{ name: 'capsule-dispatch.sh', text: '#!/bin/sh\n# capsule-kiro\nexit 0\n' }];

/** A temporary home in which Kiro has run: its user-data folder is there, with these user settings if any. */
export function kiroHome(settings?: string): { host: Host; paths: KiroPaths; settingsFile: string } {
  const host = tempHost();
  const paths = kiroPaths(host, DEFAULT_SETTINGS);
  const user = path.join(paths.userDataDirs[0] ?? '', 'User');
  mkdirSync(user, { recursive: true });
  mkdirSync(path.dirname(host.own.home), { recursive: true });
  const settingsFile = path.join(user, 'settings.json');
  if (settings !== undefined) writeFileSync(settingsFile, settings);
  return { host, paths, settingsFile };
}

/** A folder that Kiro has opened. */
export function makeWorkspace(host: Host, name: string): Workspace & { path: string } {
  const folder = path.join(host.home, name);
  mkdirSync(folder, { recursive: true });
  return { uri: `file://${folder}`, path: folder, name, state: 'local', reason: null, sources: ['test'] };
}

/** Every file below a folder with its bytes, mode and time, so that two moments can be compared. */
export function picture(folder: string, skip: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const seen = entries.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mode: 0, mtimeMs: 0 };
    const what = entry.isFile() ? `${mode.toString(8)} ${mtimeMs} ${readFileSync(file, 'latin1')}` : mode.toString(8);
    return [file, what] as const;
  });
  return Object.fromEntries(seen.filter(([file]) => !file.startsWith(skip)).sort());
}
