/** A real `systemd --user` of an unprivileged user, for tests that run as root on a machine that systemd did not start. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROGRAM, until } from './machine.ts';
import { isRoot } from './unprivileged.ts';

const NOBODY = 65_534;
const RUNNING = '/run/systemd/system';
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
/** Where a process is given to a control group: one tree where the kernel has the new kind alone, else two. */
const GROUPS = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? ['/sys/fs/cgroup/capsule-test']
  : ['/sys/fs/cgroup/systemd/capsule-test', '/sys/fs/cgroup/unified/capsule-test'];

const finds = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Why there can be no such manager here; undefined when there can. */
export function noUserSystemd(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'needs Linux and root';
  if (existsSync(RUNNING)) return 'systemd runs this machine: a test must not disturb it';
  if (!existsSync('/lib/systemd/systemd') || !['dbus-run-session', 'setpriv'].every(finds))
    return 'install systemd and dbus';
  if (!GROUPS.every((group) => existsSync(path.dirname(group)))) return 'there are no control groups';
  const [program = '', ...args] = AS_NOBODY;
  const may = spawnSync(program, [...args, 'test', '-x', PROGRAM]).status === 0;
  return may ? undefined : 'nobody may not read this checkout: put it where every user can';
}

export interface UserSystemd {
  home: string;
  /** Runs a program as the user of this manager. */
  as(program: string, ...args: string[]): { exitCode: number | null; stdout: string; stderr: string };
  /** What the manager says about our unit. */
  unit(): Record<string, string>;
  stop(): Promise<void>;
}

/** Starts the manager and waits until it runs. */
export async function userSystemd(): Promise<UserSystemd> {
  // Not `tempFolder`, which goes after each test.
  const folder = mkdtempSync(path.join(tmpdir(), 'capsule-systemd-'));
  chmodSync(folder, 0o755);
  const [home, runtime] = ['home', 'runtime'].map((name) => {
    const made = path.join(folder, name);
    mkdirSync(made, { mode: 0o700 });
    chownSync(made, NOBODY, NOBODY);
    return made;
  }) as [string, string];
  mkdirSync(RUNNING, { recursive: true });
  for (const group of GROUPS) {
    mkdirSync(group, { recursive: true });
    for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control'].map((name) => path.join(group, name)))
      if (existsSync(file)) chownSync(file, NOBODY, NOBODY);
  }
  const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: runtime, LC_ALL: 'C' };
  const join = GROUPS.map((group) => `echo $$ >${group}/cgroup.procs`).join(' && ');
  const manager = spawn(
    'sh',
    ['-c', `${join} && exec "$@"`, 'sh', ...AS_NOBODY, 'dbus-run-session', '--', '/lib/systemd/systemd', '--user'],
    {
      env,
      cwd: '/',
      stdio: 'ignore',
    },
  );
  const as: UserSystemd['as'] = (program, ...args) => {
    const [setpriv = '', ...rest] = AS_NOBODY;
    const ran = spawnSync(setpriv, [...rest, program, ...args], { env, cwd: '/', encoding: 'utf8' });
    return { exitCode: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  };
  await until(() => as('systemctl', '--user', 'is-system-running').stdout === 'running\n', 'systemd --user runs');
  return {
    home,
    as,
    unit() {
      const names = ['MainPID', 'ActiveState', 'LoadState', 'NRestarts', 'UnitFileState'];
      const { stdout } = as('systemctl', '--user', 'show', '-p', names.join(','), 'capsule-kiro.service');
      return Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=') as [string, string]),
      );
    },
    async stop() {
      await end(manager, as);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(manager: ChildProcess, as: UserSystemd['as']): Promise<void> {
  const gone = new Promise((resolve) => manager.once('close', resolve));
  as('systemctl', '--user', 'exit');
  await gone;
  for (const group of GROUPS) {
    // The manager's own groups, which outlive it.
    spawnSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
  rmdirSync(RUNNING);
}
