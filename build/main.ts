/** `npm run build [-- linux-x64 …]`: makes `dist/capsule-kiro-<system>-<processor>`, their checksums, and the list of what is inside. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';
import { dressForWindows } from './dress-windows.ts';
import { DIST, TOP, WORK } from './places.ts';
import { bringRuntime, pinnedIntegrity } from './runtimes.ts';
import { seal } from './seal.ts';
import { signAdHoc } from './sign-mach-o.ts';
import { signForWindows } from './sign-windows.ts';
import { stripElf } from './strip-elf.ts';
import { chooseTargets, executableName, TARGETS, type Target } from './targets.ts';

const chosen = chooseTargets(process.argv.slice(2));
const program = path.join(WORK, 'start.js');
const rest = path.join(WORK, 'capsule-kiro.js');
await bundle(program, rest);
await mkdir(DIST, { recursive: true });
for (const target of chosen) {
  const started = Date.now();
  await make(target);
  process.stdout.write(`${executableName(target)} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
await writeFile(
  path.join(DIST, 'capsule-kiro.cdx.json'),
  await billOfMaterials(
    await Promise.all(TARGETS.map(async ({ runtime }) => ({ ...runtime, integrity: await pinnedIntegrity(runtime) }))),
  ),
);
await writeChecksums();
await writeVersions();

async function make(target: Target): Promise<void> {
  const output = path.join(DIST, executableName(target));
  const base = path.join(WORK, 'base');
  const node = path.join(await bringRuntime(target.runtime), target.runtime.file);
  await writeFile(base, await prepareBase(target, await readFile(node)), { mode: 0o755 });
  await seal({ target, base, generator: await generatorFor(target), program, rest, output }, path.join(WORK, 'seal'));
  await rm(base);
  if (target.os === 'darwin') await writeFile(output, signAdHoc(await readFile(output), 'capsule-kiro'));
  if (target.os === 'win') await signForWindows(output, process.env);
}

async function prepareBase({ os }: Target, node: Buffer): Promise<Buffer> {
  if (os === 'linux') return stripElf(node);
  if (os === 'darwin') return node;
  const { version, description } = JSON.parse(await readFile(path.join(TOP, 'package.json'), 'utf8'));
  return dressForWindows(node, await readFile(path.join(import.meta.dirname, 'capsule-kiro.ico')), {
    version,
    name: 'Capsule for Kiro',
    description,
  });
}

/** A Node of the target's version that runs here: one of another version writes what the target reads as nothing at all. */
async function generatorFor({ runtime }: Target): Promise<string> {
  if (runtime.version === process.versions.node) return process.execPath;
  const here = TARGETS.find(({ os, arch, runtime: { version } }) => {
    return os === process.platform && arch === process.arch && version === runtime.version;
  });
  if (here === undefined) throw new Error(`No Node ${runtime.version} runs on this system: build on Linux x64`);
  return path.join(await bringRuntime(here.runtime), here.runtime.file);
}

/** As `sha256sum` writes and checks them, for everything in `dist` that is handed out. */
async function writeChecksums(): Promise<void> {
  const names = (await readdir(DIST)).filter((name) => /^capsule-kiro[-.]/.test(name)).sort();
  const lines = await Promise.all(
    names.map(async (name) => {
      const hash = createHash('sha256').update(await readFile(path.join(DIST, name)));
      return `${hash.digest('hex')}  ${name}\n`;
    }),
  );
  await writeFile(path.join(DIST, 'SHA256SUMS'), lines.join(''));
}

/** What a portal reads beside the executables it hands out: of which version each is, told of these very bytes. */
async function writeVersions(): Promise<void> {
  const { version } = JSON.parse(await readFile(path.join(TOP, 'package.json'), 'utf8')) as { version: string };
  const sums = (await readFile(path.join(DIST, 'SHA256SUMS'), 'utf8')).trim().split('\n');
  const executables = new Set(chosen.map(executableName));
  const known = sums.map((line) => line.split('  ') as [string, string]).filter(([, name]) => executables.has(name));
  const versions = Object.fromEntries(known.map(([sha256, name]) => [name, { version, sha256 }]));
  await writeFile(path.join(DIST, 'VERSIONS.json'), `${JSON.stringify(versions, null, 2)}\n`);
}
