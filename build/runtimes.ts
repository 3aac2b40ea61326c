/** Brings the Nodes that executables are made of: from npm, byte for byte what the lock file or our own pin says. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TOP, WORK } from './places.ts';
import type { Runtime } from './targets.ts';

const run = promisify(execFile);

interface Lock {
  packages: Record<string, { version?: string; integrity?: string }>;
}

/**
 * The folder of the unpacked package, with the Node and, but for Windows, whose package has none, its `LICENSE`. Downloads it when it is not there. Throws when its bytes are not the expected ones.
 */
export async function bringRuntime(runtime: Runtime): Promise<string> {
  const name = `${runtime.package}-${runtime.version}`;
  const folder = path.join(WORK, 'runtimes', name);
  const expected = await pinnedIntegrity(runtime);
  const archive = `${folder}.tgz`;
  if (!existsSync(archive)) await download(name, runtime);
  const actual = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (actual !== expected) {
    await rm(archive);
    throw new Error(`${name} from npm is not the one that was pinned: ${actual} instead of ${expected}`);
  }
  // Unpacked each time: what lies there from another day is not what was just compared.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const wanted = [`package/${runtime.file}`, ...(runtime.file === 'bin/node' ? ['package/LICENSE'] : [])];
  await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', ...wanted]);
  return folder;
}

/** npm's sha512 that a runtime must have, by the lock file or our own pin. Throws when it is pinned nowhere. */
export async function pinnedIntegrity(runtime: Runtime): Promise<string> {
  return expectedIntegrity(JSON.parse(await readFile(path.join(TOP, 'package-lock.json'), 'utf8')) as Lock, runtime);
}

/** The same, from a lock file's content. Pure. */
export function expectedIntegrity(lock: Lock, runtime: Runtime): string {
  const locked = lock.packages[`node_modules/${runtime.package}`];
  const integrity = locked?.version === runtime.version ? locked.integrity : runtime.integrity;
  if (integrity === undefined) throw new Error(`${runtime.package} ${runtime.version} is pinned nowhere`);
  return integrity;
}

async function download(name: string, runtime: Runtime): Promise<void> {
  const folder = path.join(WORK, 'runtimes', `.download-${name}`);
  await mkdir(folder, { recursive: true });
  await run('npm', ['pack', '--silent', '--pack-destination', folder, `${runtime.package}@${runtime.version}`], {
    cwd: folder,
  });
  await rename(path.join(folder, `${name}.tgz`), path.join(WORK, 'runtimes', `${name}.tgz`));
  await rm(folder, { recursive: true });
}
