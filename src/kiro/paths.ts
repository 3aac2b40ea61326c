import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';

/** Where Kiro keeps things for one user. Absolute paths; nothing says that they exist. */
export interface KiroPaths {
  /** `~/.kiro`, the same on every system (kiro/README K2). */
  dotKiro: string;
  /** Sessions of Kiro 1.x. */
  sessions: string;
  /** Folders of the flat sessions of Kiro CLI 2.x (kiro/README C1). */
  cliSessions: string[];
  /** Databases of Kiro CLI 2.x (kiro/README C1). */
  cliDatabases: string[];
  /** Hook files that count in every workspace, from IDE 1.0.182 on (kiro/README K8). */
  userHooks: string;
  userSettings: string;
  /** Our dispatcher's folder: on every system one that the hook's shell finds without knowing the user's name. */
  scripts: string;
  /** Code-OSS "user data" folders: the system's own first, then portable mode's, then those that our settings name (K1). */
  userDataDirs: string[];
}

/** Decides where to look, from the environment given; touches no file. */
export function kiroPaths(
  host: Pick<Host, 'home' | 'env' | 'platform'>,
  settings: Pick<Settings, 'kiro.userDataDirs' | 'kiro.appDir'>,
): KiroPaths {
  const dotKiro = path.join(host.home, '.kiro');
  const userData = path.join(applicationData(host), 'Kiro');
  const appDir = settings['kiro.appDir'];
  const portable = appDir === null ? [] : [path.join(appDir, 'data', 'user-data')];
  return {
    dotKiro,
    sessions: path.join(dotKiro, 'sessions'),
    cliSessions: cliSessions(host, dotKiro),
    cliDatabases: cliData(host).map((folder) => path.join(folder, 'data.sqlite3')),
    userHooks: path.join(dotKiro, 'hooks'),
    userSettings: path.join(dotKiro, 'settings'),
    scripts: path.join(host.platform === 'win32' ? userData : dotKiro, 'scripts'),
    userDataDirs: [...new Set([userData, ...portable, ...settings['kiro.userDataDirs']])],
  };
}

function applicationData({ home, env, platform }: Pick<Host, 'home' | 'env' | 'platform'>): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA || path.join(home, 'AppData', 'Roaming');
  // The XDG specification says that a relative path is to be ignored.
  const xdg = env.XDG_CONFIG_HOME ?? '';
  return path.isAbsolute(xdg) ? xdg : path.join(home, '.config');
}

/** `KIRO_HOME` moves the CLI's own files, and neither the IDE's nor ours; it may be set in a terminal that we do not see. */
function cliSessions({ env }: Pick<Host, 'env'>, dotKiro: string): string[] {
  const kiroHome = env.KIRO_HOME ?? '';
  const folders = path.isAbsolute(kiroHome) ? [dotKiro, kiroHome] : [dotKiro];
  return [...new Set(folders.map((folder) => path.join(folder, 'sessions', 'cli')))];
}

/** The CLI's data folders, the older builds' last. */
function cliData({ home, env, platform }: Pick<Host, 'home' | 'env' | 'platform'>): string[] {
  if (platform === 'darwin') return [path.join(home, 'Library', 'Application Support', 'kiro-cli')];
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA || path.join(home, 'AppData', 'Local');
    return [local, applicationData({ home, env, platform })].map((folder) => path.join(folder, 'Kiro-Cli'));
  }
  const xdg = env.XDG_DATA_HOME ?? '';
  return [path.join(path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'kiro-cli')];
}

/**
 * The settings files of one user-data folder: the default profile's, whether or not it exists yet, and those of other
 * profiles that exist (a profile without one shares the default's; kiro/README K3). Empty when the folder is not there.
 */
export function findSettingsFiles(userDataDir: string): string[] {
  if (!isFolder(userDataDir)) return [];
  const user = path.join(userDataDir, 'User');
  const ofProfiles = listFolder(path.join(user, 'profiles'))
    .map((id) => path.join(user, 'profiles', id, 'settings.json'))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false);
  return [path.join(user, 'settings.json'), ...ofProfiles];
}

/** The names in a folder, sorted; none when there is no such folder or we may not look into it. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
