/**
 * `npm run verify [-- linux-x64 …] [--quick]`: proves the executables in `dist` as far as this machine can, and says what it could
 * not. `--quick` leaves out the scenario suite.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DIST } from '../places.ts';
import { chooseTargets, executableName, type Target } from '../targets.ts';
import { verifyLinux, verifyScenarios } from './linux.ts';
import { verifyMac } from './mac.ts';
import { Report } from './report.ts';
import { verifyWindows } from './windows.ts';

const args = process.argv.slice(2);
const report = new Report();
const chosen = chooseTargets(args.filter((arg) => !arg.startsWith('--')));
report.head('Checksums and list of contents');
await report.check('SHA256SUMS is right for every file it names', checkSums);
await report.check('VERSIONS.json tells the version of these very executables', checkVersions);
await report.check('capsule-kiro.cdx.json names no folder of this machine', async () => {
  const text = await readFile(path.join(DIST, 'capsule-kiro.cdx.json'), 'utf8');
  if (text.includes(path.resolve(DIST, '..'))) throw new Error('it does');
  return `${(JSON.parse(text) as { components: unknown[] }).components.length} components`;
});
for (const target of chosen) {
  const file = path.join(DIST, executableName(target));
  report.head(executableName(target));
  if (existsSync(file)) await verify(target, file);
  else report.skip(executableName(target), 'it was not built');
}
report.end();
process.exitCode = report.failures === 0 ? 0 : 1;

async function verify(target: Target, file: string): Promise<void> {
  if (target.os === 'darwin') return verifyMac(report, target, file);
  if (target.os === 'win') return verifyWindows(report, target, file);
  await verifyLinux(report, target, file);
  if (target.arch === process.arch && !args.includes('--quick')) await verifyScenarios(report, file);
}

async function checkSums(): Promise<string> {
  const lines = (await readFile(path.join(DIST, 'SHA256SUMS'), 'utf8')).trim().split('\n');
  for (const line of lines) {
    const [expected, name = ''] = line.split('  ');
    const hash = createHash('sha256').update(await readFile(path.join(DIST, name)));
    if (hash.digest('hex') !== expected) throw new Error(`${name} differs`);
  }
  return `${lines.length} files`;
}

async function checkVersions(): Promise<string> {
  const sums = await readFile(path.join(DIST, 'SHA256SUMS'), 'utf8');
  const text = await readFile(path.join(DIST, 'VERSIONS.json'), 'utf8');
  const versions = Object.entries(JSON.parse(text) as Record<string, { version: string; sha256: string }>);
  for (const [name, { sha256 }] of versions) {
    if (!sums.includes(`${sha256}  ${name}\n`)) throw new Error(`${name} differs from SHA256SUMS`);
  }
  return versions.map(([name, { version }]) => `${name} ${version}`).join(', ');
}
