import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { type KiroPaths, listFolder } from './paths.ts';

/** A Kiro that is, or by its traces was, on this machine. `version` is null when only traces tell. */
export interface FoundKiro {
  generation: 'ide-0.x' | 'ide-1.x';
  version: string | null;
  /** The file or folder that shows it. */
  evidence: string;
}

/**
 * The folders that may hold an installed Kiro's `package.json` (kiro/README K4). With `kiro.appDir` set only that one is
 * looked at, in whatever depth it was named: the app, the install folder, or `resources/app` itself.
 */
export function installPlaces(host: Pick<Host, 'home' | 'env' | 'platform'>, appDir: string | null): string[] {
  if (appDir !== null) {
    return [
      appDir,
      path.join(appDir, 'resources', 'app'),
      path.join(appDir, 'Contents', 'Resources', 'app'),
      path.join(appDir, 'Resources', 'app'),
    ];
  }
  const { home, env } = host;
  switch (host.platform) {
    case 'darwin':
      return ['/Applications', path.join(home, 'Applications')].map((folder) =>
        path.join(folder, 'Kiro.app', 'Contents', 'Resources', 'app'),
      );
    case 'win32':
      return [env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, 'Programs'), env.ProgramFiles]
        .filter((folder): folder is string => Boolean(folder))
        .map((folder) => path.join(folder, 'Kiro', 'resources', 'app'));
    case 'linux':
      return ['/usr/share/kiro', '/opt/kiro', '/opt/Kiro', path.join(home, '.local', 'share', 'kiro')].map((folder) =>
        path.join(folder, 'resources', 'app'),
      );
  }
}

/**
 * What is installed; only when nothing is, what the files of an earlier run show: an upgraded machine keeps its 0.x files,
 * and they must not bring back hooks that no installed Kiro reads.
 */
export function findKiro(
  host: Pick<Host, 'home' | 'env' | 'platform'>,
  paths: KiroPaths,
  settings: Pick<Settings, 'kiro.appDir'>,
): FoundKiro[] {
  const places = installPlaces(host, settings['kiro.appDir']);
  const installed = places.flatMap((place) => findInstalled(path.join(place, 'package.json')));
  return installed.length > 0 ? installed : findTraces(paths);
}

const PackageJson = z.looseObject({ version: z.string().regex(/^\d+\.\d+/) });

function findInstalled(file: string): FoundKiro[] {
  const version = PackageJson.safeParse(readJson(file)).data?.version;
  if (version === undefined) return [];
  return [{ generation: version.startsWith('0.') ? 'ide-0.x' : 'ide-1.x', version, evidence: file }];
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readIfExists(file)?.toString('utf8') ?? 'null');
  } catch (error) {
    // A Kiro that is half installed or that we may not read counts as not found; its traces still tell.
    if (error instanceof SyntaxError || error instanceof Failure) return null;
    throw error;
  }
}

/** kiro/README K5. */
function findTraces(paths: KiroPaths): FoundKiro[] {
  const of1x = [...sessionBuckets(paths.sessions), path.join(paths.dotKiro, '.trust-migration.json')];
  const of0x = paths.userDataDirs.map((folder) =>
    path.join(folder, 'User', 'globalStorage', 'kiro.kiroagent', 'workspace-sessions'),
  );
  const first = (generation: FoundKiro['generation'], files: string[]): FoundKiro[] =>
    files
      .filter((file) => existsSync(file))
      .slice(0, 1)
      .map((evidence) => ({ generation, version: null, evidence }));
  return [...first('ide-0.x', of0x), ...first('ide-1.x', of1x)];
}

/** Every folder in `sessions` but `cli`, which belongs to the command-line Kiro. */
function sessionBuckets(sessions: string): string[] {
  return listFolder(sessions)
    .filter((name) => name !== 'cli' && !name.startsWith('.'))
    .map((name) => path.join(sessions, name));
}
