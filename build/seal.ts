/** Puts the program and its assets into a Node: with pkg for Linux and Windows, with Node's own sealer for macOS. */
import { execFile } from 'node:child_process';
import { globSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TOP } from './places.ts';
import type { Target } from './targets.ts';

const run = promisify(execFile);

/** What is to be sealed, and with what. */
export interface Sealing {
  target: Target;
  /** The Node to seal into, stripped or dressed already. */
  base: string;
  /** A Node of the very same version that runs here: it writes what the base reads. */
  generator: string;
  /** The program's first part, and the folder of the rest of it. */
  program: string;
  rest: string;
  /** The texts that `licenses` prints. */
  licences: string;
  output: string;
}

/**
 * Seals. The program's path is stored in the executable and shown by stack traces, so it is given relative to where the sealer
 * runs: nothing of the building machine is in it.
 */
export async function seal(sealing: Sealing, workFolder: string): Promise<void> {
  await rm(workFolder, { recursive: true, force: true });
  await mkdir(path.join(workFolder, 'tmp'), { recursive: true });
  await copyFile(sealing.program, path.join(workFolder, 'tmp', PROGRAM));
  await rm(sealing.output, { force: true });
  const config = configuration(await gatherAssets(sealing, workFolder));
  if (sealing.target.os === 'darwin') await sealWithNode(sealing, config, workFolder);
  else await sealWithPkg(sealing, config, workFolder);
  await rm(workFolder, { recursive: true });
}

const PROGRAM = 'start.js';
/** As `sealed/command-line.ts` asks for its files. */
const REST = 'program';
const LICENCES = 'dist/licenses.txt';
const ASSETS = ['installer-assets/**/*', 'dist/page/*', 'package.json'];

function configuration(assets: Record<string, string>) {
  return {
    disableExperimentalSEAWarning: true,
    // It would differ from build to build, and the first part is small.
    useCodeCache: false,
    // Else NODE_OPTIONS of whoever starts it reaches into our program.
    execArgv: [],
    execArgvExtension: 'none',
    assets,
  };
}

/** What is sealed in, by name; with the rest of the program, and what V8 makes of that where it can be had. */
async function gatherAssets(
  { target, generator, rest, licences }: Sealing,
  workFolder: string,
): Promise<Record<string, string>> {
  const assets = Object.fromEntries(assetNames().map((name) => [name, path.join(TOP, name)]));
  assets[LICENCES] = licences;
  const parts = readdirSync(rest).sort();
  for (const part of parts) assets[`${REST}/${part}`] = path.join(rest, part);
  // Compiled code fits one processor and one Node: only where the generator is that Node on that processor.
  if (target.os === process.platform && target.arch === process.arch) {
    const caches = path.join(workFolder, 'caches');
    await mkdir(caches);
    const compile = [path.join(import.meta.dirname, 'sealed', 'compile.cjs'), rest, caches];
    await run(generator, ['--hash-seed=1', ...compile]);
    await run(generator, [...compile, 'adopt']);
    for (const part of parts) assets[`${REST}/${part}.cache`] = path.join(caches, part);
  }
  return assets;
}

/** Every file that is sealed in, by the name that `core/assets.ts` asks for. */
function assetNames(): string[] {
  const found = globSync(ASSETS, { cwd: TOP, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return files.map((file) => path.relative(TOP, file).replaceAll(path.sep, '/')).sort();
}

/**
 * pkg finds its Nodes in a cache below the home folder and would else fetch them; so it gets a home of its own, with that cache
 * filled. In a process of its own, because home and temporary folder are the process's.
 */
async function sealWithPkg(
  { target, base, generator, output }: Sealing,
  config: object,
  workFolder: string,
): Promise<void> {
  const { os, arch, runtime } = target;
  const cache = path.join(workFolder, '.pkg-cache', 'sea');
  await fillCache(cache, os, arch, runtime.version, base);
  const native = os === 'linux' && arch === process.arch;
  if (!native) await fillCache(cache, 'linux', process.arch, runtime.version, generator);
  const options = {
    targets: [{ nodeRange: `node${runtime.version}`, platform: os, arch, output }],
    signature: false,
    // pkg runs the generator in a folder of its own inside the temporary folder.
    seaConfig: { ...config, main: `../${PROGRAM}` },
  };
  const entry = path.join(workFolder, 'tmp', PROGRAM);
  await run(process.execPath, [path.join(import.meta.dirname, 'run-pkg.ts'), entry, JSON.stringify(options)], {
    env: { ...process.env, HOME: workFolder, TMPDIR: path.join(workFolder, 'tmp') },
  });
}

async function fillCache(cache: string, os: string, arch: string, version: string, node: string): Promise<void> {
  const name = `node-v${version}-${os}-${arch}`;
  const file = os === 'win' ? path.join(cache, `${name}.exe`) : path.join(cache, name, 'bin', 'node');
  await mkdir(path.dirname(file), { recursive: true });
  const archive = path.join(cache, `${name}${os === 'win' ? '.zip' : '.tar.gz'}`);
  for (const empty of [archive, `${archive}.ok`, `${file}.ok`]) await writeFile(empty, '');
  await copyFile(node, file);
}

async function sealWithNode({ base, generator, output }: Sealing, config: object, workFolder: string): Promise<void> {
  const folder = path.join(workFolder, 'tmp');
  await writeFile(
    path.join(folder, 'sea.json'),
    JSON.stringify({ ...config, main: PROGRAM, executable: base, output }),
  );
  await run(generator, ['--build-sea', 'sea.json'], { cwd: folder });
}
