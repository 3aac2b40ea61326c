/** The samples for management agents, run as far as this system can, with the real program, a real portal and temporary homes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { aMachine, type Machine, PROGRAM } from '../helpers/machine.ts';
import { runPortal } from '../helpers/running-portal.ts';
import { isRoot } from '../helpers/unprivileged.ts';
import { SHELLS } from './dispatch.ts';

const sample = (name: string) => fileURLToPath(new URL(`../../installer-assets/fleet/${name}`, import.meta.url));
const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const shells = SHELLS.filter(({ here, name }) => here && /^(dash|bash|zsh|busybox)/.test(name));

/** A portal, and a code for so many devices. */
async function given(uses = 1) {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  const code = (await machine.must(['portal', 'code', '--uses', String(uses), '--data', portal.data])).trim();
  return { machine, portal, code };
}

function put(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

describe('install --quiet', () => {
  test('with --json prints one object and nothing else, and without it nothing where all is well', async () => {
    const { machine, portal, code } = await given();
    const args = ['install', '--portal', portal.address, '--code-stdin', '--quiet'];
    const first = await machine.capsule([...args, '--json'], code);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout.trim().split('\n').length).toBe(1);
    expect(JSON.parse(first.stdout)).toMatchObject({ daemon: { running: true, enrolled: true } });
    expect(await machine.capsule(['install', '--quiet'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('says what needs somebody', async () => {
    const machine = aMachine();
    const { exitCode, stdout } = await machine.capsule(['install', '--quiet', '--no-service']);
    expect(exitCode).toBe(3);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^Daemon: runs/),
      expect.stringMatching(/^Portal: none/),
    ]);
  });

  const asRoot = isRoot ? test : test.skip;
  asRoot('as root in the home of somebody else is refused, and leaves nothing there', async () => {
    const machine = aMachine();
    chownSync(machine.home, 65_534, 65_534);
    const ran = await machine.capsule(['install', '--quiet']);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).toContain("this is root, and the home is another user's");
    expect(spawnSync('find', [machine.home, '-name', 'capsule*']).stdout.toString()).toBe('');
  });
});

describe('the sample for Jamf', () => {
  /** macOS' own programs, as far as the script uses them: who sits there, and becoming that user in their session. */
  const standIns = (machine: Machine, user: string) => {
    const bin = path.join(machine.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    put(bin, 'stat', `#!/bin/sh\n[ "$*" = '-f %Su /dev/console' ] && echo '${user}'\n`);
    put(bin, 'id', '#!/bin/sh\n[ "$1" = -u ] && echo 501\n');
    put(
      bin,
      'launchctl',
      '#!/bin/sh\nprintf \'%s\\n\' "$*" >>"$HOME/arguments"\n[ "$1 $2" = "asuser 501" ] || exit 9\nshift 2\nexec "$@"\n',
    );
    put(bin, 'sudo', `#!/bin/sh\n[ "$1 $2 $3 $4" = "-H -u ${user} --" ] || exit 9\nshift 4\nexec "$@"\n`);
    return { ...machine.env, PATH: `${bin}:${machine.env.PATH}` };
  };

  test.each(shells.map(({ name, command }) => [name, command] as const))(
    'installs for the user at the console, tells no argument the code, and ends as install does (%s)',
    async (_, [shell = '', ...options]) => {
      const { machine, portal, code } = await given();
      const file = put(machine.folder, 'a code', `${code}\n`);
      chmodSync(file, 0o600);
      const args = [...options, sample('jamf.sh'), '/', 'Mac', 'dev', portal.address, PROGRAM, file];
      const ran = spawnSync(shell, args, { env: standIns(machine, 'dev'), encoding: 'utf8' });
      expect(ran).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(ran.stdout)).toMatchObject({ daemon: { running: true, enrolled: true } });
      expect(readFileSync(path.join(machine.home, 'arguments'), 'utf8')).not.toContain(code);
    },
  );

  test.each(['root', 'loginwindow', '_mbsetupuser'])('does nothing while %s is at the console', (user) => {
    const machine = aMachine();
    const args = [sample('jamf.sh'), '/', 'Mac', '', 'https://capsule.example', PROGRAM, '/nowhere'];
    const ran = spawnSync('/bin/sh', args, { env: standIns(machine, user), encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 0, stdout: 'Nobody is at the console: nothing was done.\n' });
  });

  const shellcheck = has('shellcheck') ? test : test.skip;
  shellcheck('is plain to shellcheck', () => {
    const { status, stdout } = spawnSync('shellcheck', [sample('jamf.sh')], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

describe('the sample for Ansible', () => {
  test('is YAML, keeps the code out of arguments and out of its own log', () => {
    const [play] = parse(readFileSync(sample('ansible.yml'), 'utf8')) as {
      tasks: Record<string, { argv?: string[] }>[];
    }[];
    const install = play?.tasks.find((task) => JSON.stringify(task).includes('--code-stdin'));
    expect(install).toMatchObject({ no_log: true, 'ansible.builtin.command': { stdin: '{{ capsule_code }}' } });
    expect(JSON.stringify(install?.['ansible.builtin.command']?.argv)).not.toContain('capsule_code');
  });

  const withAnsible = has('ansible-playbook') ? test : test.skip;
  if (!has('ansible-playbook')) process.stderr.write('\nThe playbook is NOT run: apt-get install ansible-core\n');
  withAnsible(
    'installs on a machine, changes nothing when it is run again, and says the code nowhere',
    async () => {
      const { machine, portal, code } = await given();
      const vars = put(
        machine.folder,
        'vars.json',
        JSON.stringify({
          ...{ capsule_portal: portal.address, capsule_program: PROGRAM, capsule_users: ['dev'] },
          ...{ capsule_code: code, capsule_become: false },
        }),
      );
      const options = ['-i', 'localhost,', '-c', 'local', '--skip-tags', 'managed', '-vvv', '-e', `@${vars}`];
      const env = { ...machine.env, ANSIBLE_LOCAL_TEMP: machine.folder, ANSIBLE_NOCOLOR: '1', LC_ALL: 'C.UTF-8' };
      const play = () => spawnSync('ansible-playbook', [...options, sample('ansible.yml')], { env, encoding: 'utf8' });
      const first = play();
      expect(first.stdout).toMatch(/changed=1 .*failed=0/);
      expect(first.stdout).toContain('dev: exit code 0');
      expect(first.stdout + first.stderr).not.toContain(code);
      expect((await portal.get('/api/agents')).body.agents).toHaveLength(1);
      expect(play().stdout).toMatch(/changed=0 .*failed=0/);
    },
    120_000,
  );
});
