/** Reads the Windows executable, signs it for a trial, and runs it under Wine where there is one that can. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as resedit from 'resedit';
import { TOP } from '../places.ts';
import { signForWindows } from '../sign-windows.ts';
import type { Target } from '../targets.ts';
import { none, type Report } from './report.ts';
import { inFolder, seen, start } from './started.ts';

const VERSION = (JSON.parse(readFileSync(path.join(TOP, 'package.json'), 'utf8')) as { version: string }).version;
const CONSOLE = 3;
const MACHINES = { x64: 0x8664, arm64: 0xaa64 };

export async function verifyWindows(report: Report, { arch }: Pick<Target, 'arch'>, file: string): Promise<void> {
  await report.check(`is a console program for ${arch} with our icon and version, and the program sealed in`, () =>
    checkResources(readFileSync(file), arch),
  );
  if (spawnSync('osslsigncode', ['--version']).error === undefined) await verifySigning(report, file);
  else report.skip('signing', 'install osslsigncode');
  if (arch === 'x64') await verifyUnderWine(report, file);
  else report.skip('that it runs', 'that takes Windows on such a processor');
}

/** Answers what it is called and its icons' widths; throws with what is wrong. Pure. */
export function checkResources(bytes: Buffer, arch: Target['arch']): string {
  const executable = resedit.NtExecutable.from(bytes, { ignoreCert: true });
  const { entries } = resedit.NtExecutableResource.from(executable);
  const [version] = resedit.Resource.VersionInfo.fromEntries(entries);
  const strings = version?.getStringValues({ lang: 1033, codepage: 1200 });
  const icons = resedit.Resource.IconGroupEntry.fromEntries(entries)[0]?.icons.map(({ width }) => width || 256) ?? [];
  const faults: string[] = [];
  if (executable.newHeader.optionalHeader.subsystem !== CONSOLE) faults.push('it is no console program');
  if (executable.newHeader.fileHeader.machine !== MACHINES[arch]) faults.push(`it is not for ${arch}`);
  if (strings?.ProductVersion !== VERSION) faults.push(`its version is ${strings?.ProductVersion}`);
  if (strings?.ProductName !== 'Capsule for Kiro') faults.push(`its name is ${strings?.ProductName}`);
  if (!icons.includes(256) || !icons.includes(16)) faults.push(`its icons are ${icons.join(', ')} wide`);
  if (!entries.some(({ id }) => id === 'NODE_SEA_BLOB')) faults.push('nothing is sealed in');
  none(faults);
  return `${strings?.ProductName} ${strings?.ProductVersion}, icons of ${icons.join(', ')} pixels`;
}

/** With a certificate of our own making, by the same function that a real one goes through. */
async function verifySigning(report: Report, file: string): Promise<void> {
  await report.check('can be signed: the signature holds, and breaks when a byte changes', () =>
    inFolder(async (folder) => {
      const [certificate, key, signed] = ['cert.pem', 'key.pem', 'signed.exe'].map((name) =>
        path.join(folder, name),
      ) as [string, string, string];
      const subject = ['-subj', '/CN=Trial', '-addext', 'extendedKeyUsage=codeSigning', '-days', '2'];
      spawnSync('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        ...subject,
        '-keyout',
        key,
        '-out',
        certificate,
      ]);
      copyFileSync(file, signed);
      await signForWindows(signed, { WINDOWS_CERTIFICATE: certificate, WINDOWS_KEY: key });
      const holds = () => spawnSync('osslsigncode', ['verify', '-CAfile', certificate, '-in', signed]).status === 0;
      if (!holds()) throw new Error('osslsigncode does not accept what it signed');
      const bytes = readFileSync(signed);
      bytes.writeUInt8(bytes.readUInt8(1_000_000) ^ 1, 1_000_000);
      writeFileSync(signed, bytes);
      if (holds()) throw new Error('it still held after a byte had changed');
      return '';
    }),
  );
}

/** `VERIFY_WINE_ROOT` names a folder with a system that has Wine 10 or later; else the Wine of this one is tried. */
async function verifyUnderWine(report: Report, file: string): Promise<void> {
  const root = process.env.VERIFY_WINE_ROOT ?? '';
  const wrap = root === '' ? [] : ['/usr/sbin/chroot', root];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin', WINEDEBUG: '-all', HOME: '/tmp/capsule-wine' };
  const version = wineVersion(wrap, env);
  if (version === undefined || Number.parseInt(version, 10) < 10) {
    const has = version === undefined ? 'there is no Wine' : `Wine ${version} cannot run Node 26`;
    report.skip('that it runs', `${has}: set VERIFY_WINE_ROOT to a folder with a Debian 13 that has wine`);
    return;
  }
  const home = path.join(root || '/', 'tmp', 'capsule-wine');
  mkdirSync(home, { recursive: true });
  copyFileSync(file, path.join(home, 'capsule kiro.exe'));
  start([...wrap, 'wineboot', '-i'], env);
  // Node cannot use a Unix pipe for its output under Wine, so it goes to a file.
  const run = (args: readonly string[], executable = '/tmp/capsule-wine/capsule kiro.exe') => {
    const output = path.join(home, 'out.txt');
    const [program = '', ...rest] = [...wrap, 'wine', executable, ...args];
    const ran = spawnSync(program, rest, { env, stdio: ['ignore', openSync(output, 'w'), 'ignore'], timeout: 300_000 });
    return { status: ran.status, stdout: readFileSync(output, 'utf8').replaceAll('\r\n', '\n') };
  };
  try {
    await verifyCommands(report, run, version);
    await verifyPlaced(report, run, home);
  } finally {
    // It has ended by itself when nothing of Windows runs any more.
    start([...wrap, 'wineserver', '-k'], env);
    rmSync(home, { recursive: true, force: true });
  }
}

/** `10.0`; undefined where there is none. */
function wineVersion(wrap: readonly string[], env: Record<string, string>): string | undefined {
  const [program = '', ...args] = [...wrap, 'wine', '--version'];
  const { stdout } = spawnSync(program, args, { env, encoding: 'utf8' });
  return /wine-([\d.]+)/.exec(stdout ?? '')?.[1];
}

type Run = (args: readonly string[], executable?: string) => { status: number | null; stdout: string };

async function verifyCommands(report: Report, run: Run, wine: string): Promise<void> {
  await report.check(`tells its version under Wine ${wine}`, () => {
    const { status, stdout } = run(['--version']);
    if (status !== 0 || stdout !== `${VERSION}\n`)
      throw new Error(`it ended with ${status} and said ${stdout || 'nothing'}`);
    return stdout.trim();
  });
  await report.check('status, licences, settings, and a database under Wine', () => {
    const status = run(['status', '--json']);
    if (status.status !== 3 || !status.stdout.includes('"installed":false'))
      throw new Error(`status: ${status.stdout}`);
    const lines = run(['licenses']).stdout.split('\n').length;
    if (lines < 1_000) throw new Error('the licences are missing');
    if (run(['config', 'set', 'content.level', 'metadata']).status !== 0) throw new Error('config set failed');
    const { stdout: key } = run(['portal', 'key', '--data', 'C:\\portal']);
    if (key.trim().length < 40) throw new Error(`the portal made the key ${JSON.stringify(key)}`);
    return `${lines} lines of licences`;
  });
  await report.check('install, daemon, status, stop and uninstall under Wine', () => {
    install(run);
    const status = run(['status', '--json']);
    if (!/"pid":\d+/.test(status.stdout)) throw new Error(`no daemon: ${status.stdout}`);
    const stopped = run(['stop']);
    if (stopped.status !== 0) throw new Error(`stop ended with ${stopped.status}: ${stopped.stdout}`);
    const gone = run(['uninstall']);
    if (gone.status !== 0) throw new Error(`uninstall ended with ${gone.status}: ${gone.stdout}`);
    return 'the daemon answered on its named pipe';
  });
}

function install(run: Run): void {
  const installed = run(['install', '--no-service', '--json']);
  if (installed.status !== 0 && installed.status !== 3)
    throw new Error(`install ended with ${installed.status}: ${installed.stdout}`);
}

/** Windows holds the file of a program that runs, so this one cannot simply delete itself: it is moved aside first. */
async function verifyPlaced(report: Report, run: Run, home: string): Promise<void> {
  const users = path.join(home, '.wine', 'drive_c', 'users');
  await report.check(
    'uninstall by the installed program itself empties our folder and says what waits to be deleted',
    () => {
      install(run);
      const find = () => globSync('*/AppData/Local/**/capsule-kiro*', { cwd: users });
      const placed = find().find((name) => name.endsWith('bin/capsule-kiro.exe'));
      if (placed === undefined) throw new Error('install placed no executable');
      const gone = run(['uninstall'], `C:\\users\\${placed.replaceAll('/', '\\')}`);
      if (gone.status !== 0) throw new Error(`uninstall ended with ${gone.status}: ${gone.stdout}`);
      const left = find().filter((name) => !gone.stdout.includes(path.basename(name)));
      none(left.map((name) => `${name} is left and was not named`));
      return placed;
    },
  );
  await report.check('what was moved aside is deleted when it has ended', async () => {
    const aside = () => globSync('*/AppData/Local/Temp/capsule-kiro-removed-*', { cwd: users });
    const [moved = ''] = aside();
    if (moved === '') throw new Error('nothing was moved aside');
    await seen(`${moved} is gone`, () => aside().length === 0);
    return path.basename(moved);
  });
  report.skip('schtasks, windows at login, PowerShell, and the scenario suite', 'that takes Windows');
}
