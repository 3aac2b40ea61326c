import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { digestOnce, goneIsNone } from './digest-file.ts';
import { type FindPacked, findPackedForms } from './packed-forms.ts';
import { readVersions, type VersionOf } from './released-versions.ts';

/** An executable that developers can be given. */
export interface Executable {
  /** `capsule-kiro-linux-x64`, `capsule-kiro-win-x64.exe`. */
  name: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  file: string;
  /** Unless nobody said it of these very bytes. It is never run to find out. */
  version?: string;
}

/** The executables that this portal hands out. */
export interface Executables {
  list(): Promise<Executable[]>;
  find(name: string): Promise<Executable | undefined>;
  packed: FindPacked;
}

const NAME = /^capsule-kiro-(linux|darwin|win)-(x64|arm64)(\.exe)?$/;

/**
 * Those in the folder an administrator fills, and the portal's own when it is one. `own` is that one; a file
 * of its name in the folder goes before it. Each is read once, and again only when it changed; what is no executable of ours is
 * passed over, and so is a folder that is not there.
 */
export function executablesIn(
  folder: string | undefined,
  own?: Readonly<{ name: string; file: string; version: string }>,
): Executables {
  const digest = digestOnce();
  const look = async (name: string, file: string): Promise<Executable | undefined> => {
    const found = await digest(file);
    return found === undefined || found.sha256 === null
      ? undefined
      : { name, file, bytes: found.bytes, sha256: found.sha256 };
  };
  const places = async (): Promise<Map<string, string>> => {
    const names = folder === undefined ? [] : ((await readdir(folder).catch(goneIsNone)) ?? []);
    const found = new Map(own === undefined ? [] : [[own.name, own.file]]);
    for (const name of names) if (NAME.test(name)) found.set(name, path.join(folder ?? '', name));
    return found;
  };
  const withVersion = (executable: Executable, versionOf: VersionOf): Executable => {
    const isOwn = own !== undefined && executable.file === own.file;
    const version = isOwn ? own.version : versionOf(executable.name, executable.sha256);
    return version === undefined ? executable : { ...executable, version };
  };
  return {
    async list() {
      const versionOf = await readVersions(folder);
      const found = await Promise.all([...(await places())].map(([name, file]) => look(name, file)));
      return found
        .filter((each) => each !== undefined)
        .map((each) => withVersion(each, versionOf))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async find(name) {
      const file = (await places()).get(name);
      const found = file === undefined ? undefined : await look(name, file);
      return found && withVersion(found, await readVersions(folder));
    },
    packed: findPackedForms(),
  };
}

/** The name that the executable of this system and processor goes by. Pure. */
export function executableName(platform: 'darwin' | 'linux' | 'win32', arch: string): string {
  return platform === 'win32' ? `capsule-kiro-win-${arch}.exe` : `capsule-kiro-${platform}-${arch}`;
}
