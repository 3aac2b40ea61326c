/**
 * `npm run build [-- linux-x64 …] [--unpacked]`: makes `dist/capsule-kiro-<system>-<processor>`, each also packed, their checksums,
 * and the list of what is inside. `--unpacked` leaves the packed ones out, which take most of the time.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';
import { dressForWindows } from './dress-windows.ts';
import { keepEnglish } from './keep-english.ts';
import { PACKED, pack } from './pack.ts';
import { DIST, TOP, WORK } from './places.ts';
import { bringRuntime, pinnedIntegrity } from './runtimes.ts';
import { seal } from './seal.ts';
import { signAdHoc } from './sign-mach-o.ts';
import { signForWindows } from './sign-windows.ts';
import { stripElf } from './strip-elf.ts';
import { chooseTargets, executableName, GENERATORS, type Runtime, TARGETS, type Target } from './targets.ts';

const words = process.argv.slice(2);
if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('executables are built on Linux x64');
const chosen = chooseTargets(words.filter((word) => word !== '--unpacked'));
const program = path.join(WORK, 'start.js');
const rest = path.join(WORK, 'rest');
await bundle(program, rest);
await mkdir(DIST, { recursive: true });
for (const target of chosen) {
  const started = Date.now();
  await make(target);
  process.stdout.write(`${executableName(target)} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
if (!words.includes('--unpacked')) {
  const started = Date.now();
  await Promise.all(chosen.map((target) => pack(path.join(DIST, executableName(target)))));
  process.stdout.write(`packed (${((Date.now() - started) / 1000).toFixed(0)} s)\n`);
}
await writeBill();
await writeChecksums();
await writeVersions();

async function make(target: Target): Promise<void> {
  const output = path.join(DIST, executableName(target));
  const base = path.join(WORK, 'base');
  const node = path.join(await bringRuntime(target.runtime), target.runtime.file);
  // Of the executable that was here before.
  for (const ending of PACKED) await rm(`${output}${ending}`, { force: true });
  await writeFile(base, await prepareBase(target, await readFile(node)), { mode: 0o755 });
  const licences = await writeLicences(target);
  const generator = await generatorFor(target);
  await seal({ target, base, generator, program, rest, licences, output }, path.join(WORK, 'seal'));
  await rm(base);
  if (target.os === 'darwin') await writeFile(output, signAdHoc(await readFile(output), 'capsule-kiro'));
  if (target.os === 'win') await signForWindows(output, process.env);
}

async function prepareBase({ os }: Target, node: Buffer): Promise<Buffer> {
  if (os === 'linux') return stripElf(keepEnglish(node));
  if (os === 'darwin') return node;
  const { version, description } = JSON.parse(await readFile(path.join(TOP, 'package.json'), 'utf8'));
  return dressForWindows(node, await readFile(path.join(import.meta.dirname, 'capsule-kiro.ico')), {
    version,
    name: 'Capsule for Kiro',
    description,
  });
}

/** With the licence of the Node that is sealed in: that of the same version for this system, as not every package of npm has one. */
async function writeLicences({ runtime }: Target): Promise<string> {
  const licences = path.join(WORK, 'licenses.txt');
  const licence = path.join(await bringRuntime(generatorOf(runtime)), 'LICENSE');
  await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'licenses.js'), licence, licences]);
  return licences;
}

/** A Node of the target's version that runs here: one of another version writes what the target reads as nothing at all. */
async function generatorFor({ runtime }: Target): Promise<string> {
  if (runtime.version === process.versions.node) return process.execPath;
  const generator = generatorOf(runtime);
  return path.join(await bringRuntime(generator), generator.file);
}

function generatorOf({ version }: Runtime): Runtime {
  const generator = GENERATORS.find((one) => one.version === version);
  if (generator === undefined) throw new Error(`There is no Node ${version} to write what it reads`);
  return generator;
}

async function writeBill(): Promise<void> {
  const lock = JSON.parse(await readFile(path.join(TOP, 'package-lock.json'), 'utf8'));
  const runtimes = TARGETS.map(async ({ runtime }) => ({ ...runtime, integrity: await pinnedIntegrity(runtime) }));
  const rules = JSON.parse(await readFile(path.join(TOP, 'installer-assets', 'redaction', 'gitleaks.json'), 'utf8'));
  const bill = billOfMaterials(lock, await Promise.all(runtimes), rules.source);
  await writeFile(path.join(DIST, 'capsule-kiro.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
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
