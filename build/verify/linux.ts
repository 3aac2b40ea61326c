/** Runs the Linux executables: here, from odd places, in small systems, and another processor's under qemu. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { TOP } from '../places.ts';
import type { Target } from '../targets.ts';
import { compareVersions, type ElfNeeds, elfNeeds } from './elf.ts';
import { letKernelEmulate, liveThrough } from './emulated.ts';
import { ringDaemon } from './foreground-daemon.ts';
import { pathWithoutNode } from './no-node.ts';
import { none, type Report } from './report.ts';
import { inFolder, must, start } from './started.ts';

const VERSION = (JSON.parse(readFileSync(path.join(TOP, 'package.json'), 'utf8')) as { version: string }).version;
/** What every Linux with a C++ program has; libatomic is not among it. */
const USUAL = /^(libc|libm|libdl|libpthread|libstdc\+\+|libgcc_s|ld-linux-x86-64|ld-linux-aarch64)\.so\./;
const GLIBC = '2.28';
const QEMU = '/usr/bin/qemu-aarch64-static';
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu';

/** The ELF's needs, and that it runs. */
export async function verifyLinux(report: Report, target: Target, file: string): Promise<void> {
  await report.check(`needs glibc ${GLIBC} and no library that a small system lacks`, () => {
    const needs = elfNeeds(readFileSync(file));
    none(faultsOfNeeds(needs, target.arch));
    return Object.entries(needs.versions)
      .map(([family, version]) => `${family} ${version}`)
      .join(', ');
  });
  const runner = target.arch === process.arch ? [] : emulator();
  if (runner === undefined) {
    report.skip('that it runs', `install qemu-user-static, libc6-arm64-cross, libstdc++6-arm64-cross`);
    return;
  }
  await verifyRunning(report, [...runner, file], runner.length > 0);
  if (runner.length > 0) return verifyEmulated(report, file);
  await verifyOddPlaces(report, file);
  await verifySmallSystems(report, file);
}

/** What a small system of this processor would miss. Pure. */
export function faultsOfNeeds({ processor, libraries, versions }: ElfNeeds, arch: Target['arch']): string[] {
  const strange = libraries.filter((name) => !USUAL.test(name));
  return [
    ...(processor === arch ? [] : [`it is for ${processor}`]),
    ...(strange.length === 0 ? [] : [`it needs ${strange.join(', ')}`]),
    ...(compareVersions(versions.GLIBC ?? '0', GLIBC) <= 0 ? [] : [`it needs glibc ${versions.GLIBC}`]),
  ];
}

function emulator(): string[] | undefined {
  return existsSync(QEMU) && existsSync(ARM64_LIBRARIES) ? [QEMU, '-L', ARM64_LIBRARIES] : undefined;
}

async function verifyEmulated(report: Report, file: string): Promise<void> {
  const takeBack = letKernelEmulate(QEMU);
  if (takeBack === undefined) report.skip('that it installs itself', 'be root, where the kernel has binfmt_misc');
  else {
    try {
      await report.check('installs, plays a turn, stops and uninstalls, the kernel starting it with qemu', () =>
        inFolder((home) =>
          liveThrough(file, { PATH: '/usr/bin:/bin', HOME: home, QEMU_LD_PREFIX: ARM64_LIBRARIES }, home),
        ),
      );
    } finally {
      takeBack();
    }
  }
  report.skip(
    'the scenario suite',
    'under an emulator each start takes seconds, and its limits are those of real machines',
  );
}

/** Every kind of thing that is sealed in, asked for once. */
async function verifyRunning(report: Report, command: string[], emulated: boolean): Promise<void> {
  const env = (folder: string) => ({ PATH: '/nowhere', HOME: folder, TMPDIR: path.join(folder, 'tmp') });
  const prepared = <T>(work: (folder: string) => T) =>
    inFolder((folder) => {
      mkdirSync(path.join(folder, 'tmp'));
      return work(folder);
    });
  await report.check('tells its version, whatever NODE_OPTIONS says', () =>
    prepared((folder) => {
      const said = must([...command, '--version'], { ...env(folder), NODE_OPTIONS: '--bogus --inspect-brk' }).trim();
      if (said !== VERSION) throw new Error(`it says ${said || 'nothing'}`);
      return said;
    }),
  );
  await report.check('has licences, settings, a database and a ring', () =>
    prepared((folder) => {
      const lines = must([...command, 'licenses'], env(folder)).split('\n').length;
      must([...command, 'config', 'set', 'content.level', 'metadata'], env(folder));
      const key = must([...command, 'portal', 'key', '--data', path.join(folder, 'portal')], env(folder)).trim();
      if (key.length < 40) throw new Error(`the portal made the key ${JSON.stringify(key)}`);
      const own = path.join(folder, '.local', 'share', 'capsule-kiro');
      mkdirSync(path.join(own, 'rings'), { recursive: true });
      must([...command, 'hook', 'stdin'], env(folder), folder, '{"session_id":"sess_1","cwd":"/"}');
      if (readdirSync(path.join(own, 'rings')).length !== 1) throw new Error('the hook left no ring');
      const left = readdirSync(path.join(folder, 'tmp'));
      if (left.length > 0) throw new Error(`it left ${left.join(', ')} in the temporary folder`);
      return `${lines} lines of licences, nothing left in the temporary folder`;
    }),
  );
  await report.check('runs a daemon that takes a ring from the hook and stops when it is told to', () =>
    inFolder((folder) => ringDaemon(command, env(folder), folder)),
  );
  if (emulated) return;
  await report.check('attaches a dry run to a Kiro that was never there', () =>
    prepared((folder) => must([...command, 'install', '--dry-run'], env(folder)).split('\n')[0] ?? ''),
  );
}

async function verifyOddPlaces(report: Report, file: string): Promise<void> {
  const version = (folder: string, program: string) => {
    const said = must([program, '--version'], { PATH: '/nowhere', HOME: folder }).trim();
    if (said !== VERSION) throw new Error(`it says ${said || 'nothing'}`);
    return '';
  };
  await report.check('runs renamed, in a read-only folder with spaces in its name, and through a link', () =>
    inFolder((folder) => {
      const place = path.join(folder, 'read only žofie');
      mkdirSync(place);
      const program = path.join(place, 'another name');
      copyFileSync(file, program);
      chmodSync(program, 0o555);
      chmodSync(place, 0o555);
      chmodSync(folder, 0o755);
      symlinkSync(program, path.join(folder, 'link'));
      try {
        version(folder, program);
        version(folder, path.join(folder, 'link'));
        return asNobody(place, program);
      } finally {
        chmodSync(place, 0o755);
      }
    }),
  );
}

/** Root may write anywhere: only for somebody else is the folder really read-only. */
function asNobody(place: string, program: string): string {
  if (process.getuid?.() !== 0) return '';
  const nobody = ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const env = { PATH: '/nowhere', HOME: '/nonexistent' };
  if (start([...nobody, '/usr/bin/test', '-w', place], env).status !== 1)
    throw new Error('the folder was not read-only');
  const said = must([...nobody, program, '--version'], env).trim();
  if (said !== VERSION) throw new Error(`it says ${said || 'nothing'} to nobody`);
  return 'also to a user who cannot write there';
}

/** `VERIFY_ROOTS` names folders with small systems in them, as `debootstrap --variant=minbase` makes them. */
async function verifySmallSystems(report: Report, file: string): Promise<void> {
  const roots = (process.env.VERIFY_ROOTS ?? '').split(':').filter((root) => root !== '');
  if (roots.length === 0 || process.getuid?.() !== 0) {
    report.skip('that it starts in small systems', 'set VERIFY_ROOTS to folders made by debootstrap, and be root');
    return;
  }
  for (const root of roots) {
    await report.check(`starts in ${describeSystem(root)}`, () => {
      const inside = path.join(root, 'capsule-kiro');
      copyFileSync(file, inside);
      try {
        const env = { HOME: '/tmp', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
        return must(['/usr/sbin/chroot', root, '/capsule-kiro', '--version'], env).trim();
      } finally {
        rmSync(inside);
      }
    });
  }
}

function describeSystem(root: string): string {
  const release = readFileSync(path.join(root, 'etc', 'os-release'), 'utf8');
  const name = /^PRETTY_NAME="(.*)"$/m.exec(release)?.[1] ?? root;
  const libraries = spawnSync('find', [root, '-name', 'libatomic.so*'], { encoding: 'utf8' }).stdout;
  return `${name}, minimal${libraries === '' ? ', without libatomic' : ''}`;
}

/** The scenarios that prove a checkout, with the executable in its place and no Node on `PATH`. */
export async function verifyScenarios(report: Report, file: string): Promise<void> {
  await report.check('passes the scenario suite with no Node on PATH', () =>
    inFolder((folder) => {
      // Some tests act as nobody, who must find the programs as well.
      chmodSync(folder, 0o755);
      const env = {
        ...process.env,
        PATH: pathWithoutNode(path.join(folder, 'bin')),
        CAPSULE_KIRO_PROGRAM: file,
        // A hundred deaths in a row tell of the program, not of how it is packed.
        KILL_ROUNDS: '3',
      };
      const all = runScenarios(env, []);
      if (all.status === 0) return all.sum;
      // A test that was only too slow is no fault of the executable.
      const again = runScenarios(env, ['--onlyFailures', '--maxWorkers=1']);
      if (again.status !== 0) throw new Error(`jest ended with ${again.status} twice:\n${again.said}`);
      const files = all.said.match(/^FAIL .*$/gm) ?? [];
      return `${all.sum}; passed when run once more, alone: ${files.join(', ')}`;
    }),
  );
}

function runScenarios(
  env: NodeJS.ProcessEnv,
  more: readonly string[],
): { status: number | null; said: string; sum: string } {
  const jest = path.join(TOP, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  const { status, stderr } = spawnSync(process.execPath, [...flags, jest, '--selectProjects', 'scenario', ...more], {
    cwd: TOP,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env,
  });
  return { status, said: stderr, sum: /^Tests: .*$/m.exec(stderr)?.[0] ?? '' };
}
