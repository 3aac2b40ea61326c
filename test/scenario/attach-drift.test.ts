/** What happens to what we added after the install: by the user, by another program, by a changed mind. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aMachine, type Machine, until } from '../helpers/machine.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const hook0x = (machine: Machine) => path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
const userHook = (machine: Machine) => path.join(machine.home, '.kiro', 'hooks', 'capsule-stop.json');
const script = (machine: Machine) => path.join(machine.home, '.kiro', 'scripts', 'capsule-dispatch.sh');

/** Without a portal the install needs a person, and says so. */
async function installed(...more: string[]): Promise<Machine> {
  const machine = aMachine();
  machine.open();
  expect((await machine.capsule(['install', '--no-service', ...more])).exitCode).toBe(3);
  return machine;
}

describe('while the daemon runs', () => {
  test('a dispatcher, a user hook and a trusted command that went are put back, and the log says so', async () => {
    const machine = await installed();
    rmSync(script(machine));
    rmSync(userHook(machine));
    writeFileSync(machine.settingsFile, '{\n  "mine": true\n}\n');
    await until(() => existsSync(script(machine)) && existsSync(userHook(machine)), 'files are put back');
    await until(() => readFileSync(machine.settingsFile, 'utf8').includes(COMMAND), 'the command is trusted again');
    expect(readFileSync(machine.settingsFile, 'utf8')).toContain('"mine": true');
    await until(
      () => /"attachment put right","step":"trust"/.test(readFileSync(machine.own.log, 'utf8')),
      'the log says so',
    );
  });

  test('a user hook that its user changed is left, and status says so', async () => {
    const machine = await installed();
    const changed = readFileSync(userHook(machine), 'utf8').replace('"timeout": 10', '"timeout": 25');
    writeFileSync(userHook(machine), changed);
    await until(
      async () => (await machine.capsule(['status'])).stdout.match(/Left alone +~\/\.kiro\/hooks\/capsule-stop\.json/),
      'status names it',
    );
    expect(readFileSync(userHook(machine), 'utf8')).toBe(changed);
  });

  test('a rule and a workspace’s own settings that stop the hook are in install, workspaces and status', async () => {
    const machine = aMachine();
    machine.open();
    const rules = path.join(machine.home, '.kiro', 'settings', 'permissions.yaml');
    const own = path.join(machine.workspace, '.vscode', 'settings.json');
    for (const [file, text] of [
      [rules, 'rules:\n  - capability: shell\n    effect: deny\n'],
      [own, '{ "kiroAgent.trustedCommands": ["npm *"] }'],
    ] as const) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const install = await machine.capsule(['install', '--no-service']);
    const status = await until(async () => {
      const ran = await machine.capsule(['status']);
      return ran.stdout.includes('A shell rule') ? ran : undefined;
    }, 'the daemon has looked');
    for (const { stdout } of [install, await machine.capsule(['workspaces']), status]) {
      expect(stdout).toMatch(/! A shell rule denies our hook/);
      expect(stdout).toMatch(/which count instead of yours/);
    }
    expect(status.exitCode).toBe(3);
    expect(readFileSync(own, 'utf8')).toBe('{ "kiroAgent.trustedCommands": ["npm *"] }');
  });
});

describe('a changed mind', () => {
  test('exclude takes the hooks away by itself, a reinstall keeps it so, include brings them back', async () => {
    const machine = await installed();
    await until(() => existsSync(hook0x(machine)), 'attached');
    await machine.must(['stop']);
    const said = await machine.must(['workspaces', 'exclude', machine.workspace]);
    expect(said).toMatch(/\+ workspace's hook/);
    expect(said).toMatch(/excluded +.*demo/);
    expect(existsSync(hook0x(machine))).toBe(false);
    await machine.capsule(['install', '--no-service']);
    expect(existsSync(hook0x(machine))).toBe(false);
    expect(await machine.must(['workspaces', 'include', machine.workspace])).toMatch(/attached +.*demo/);
    expect(existsSync(hook0x(machine))).toBe(true);
  });

  test('an exclusion written by hand is acted on by the daemon', async () => {
    const machine = await installed();
    await until(() => existsSync(hook0x(machine)), 'attached');
    writeFileSync(machine.own.settings, JSON.stringify({ 'workspaces.exclude': [machine.workspace] }));
    await until(() => !existsSync(hook0x(machine)), 'detached');
  });

  test('a deleted hook stays deleted through daemon and reinstall, until it is asked for', async () => {
    const machine = await installed();
    await until(() => existsSync(hook0x(machine)), 'attached');
    rmSync(hook0x(machine));
    const again = await machine.capsule(['install', '--no-service']);
    expect(again.stdout).toMatch(/· workspace's hook .*its user removed it/);
    expect(existsSync(hook0x(machine))).toBe(false);
    await machine.must(['workspaces', 'include', machine.workspace]);
    expect(existsSync(hook0x(machine))).toBe(true);
    rmSync(hook0x(machine));
    await machine.capsule(['install', '--no-service', '--force']);
    expect(existsSync(hook0x(machine))).toBe(true);
  });

  test('hooks.mode takes away what it no longer wants, also while the daemon is down', async () => {
    const machine = await installed('--hooks', 'both');
    await until(() => existsSync(hook0x(machine)), 'attached');
    await machine.must(['stop']);
    await machine.must(['config', 'set', 'hooks.mode', 'workspace']);
    expect(existsSync(userHook(machine))).toBe(false);
    await machine.must(['config', 'set', 'hooks.mode', 'user']);
    expect([existsSync(userHook(machine)), existsSync(hook0x(machine))]).toEqual([true, false]);
    expect(readFileSync(machine.settingsFile, 'utf8')).not.toContain(COMMAND);
  });

  test('an include below an excluded folder is refused and names that folder', async () => {
    const machine = await installed();
    await machine.must(['workspaces', 'exclude', path.dirname(machine.workspace)]);
    const { exitCode, stderr } = await machine.capsule(['workspaces', 'include', machine.workspace]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`lies in ${path.dirname(machine.workspace)}, which is`);
  });
});

describe('uninstall', () => {
  test('with --permissions given, the rule is added by install and gone afterwards', async () => {
    const machine = aMachine();
    const rules = path.join(machine.home, '.kiro', 'settings', 'permissions.yaml');
    const mine = '# mine\nrules:\n  - capability: shell # git\n    effect: ask\n    match: [git push *]\n';
    mkdirSync(path.dirname(rules), { recursive: true });
    writeFileSync(rules, mine);
    const { stdout } = await machine.capsule(['install', '--no-service', '--permissions']);
    expect(stdout).toMatch(/\+ permission .*permissions\.yaml {2}\(our rule added\)/);
    expect(readFileSync(rules, 'utf8')).toContain(`"${COMMAND} stdin"`);
    await machine.must(['uninstall']);
    expect(readFileSync(rules, 'utf8')).toBe(mine);
  });

  test('--restore-snapshot puts the first state back, says of when, and refuses when there is none', async () => {
    const machine = aMachine();
    const first = '{ "first": true }\n';
    writeFileSync(machine.settingsFile, first);
    const none = await machine.capsule(['uninstall', '--restore-snapshot']);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toMatch(/There is no snapshot/);
    await machine.capsule(['install', '--no-service']);
    writeFileSync(machine.settingsFile, readFileSync(machine.settingsFile, 'utf8').replace('true', 'false'));
    const dry = await machine.must(['uninstall', '--restore-snapshot', '--dry-run']);
    expect(dry).toMatch(/\+ ~\/.*settings\.json {2}\(of \d{4}-/);
    expect(readFileSync(machine.settingsFile, 'utf8')).toContain('false');
    const said = await machine.must(['uninstall', '--restore-snapshot']);
    expect(said).toMatch(/settings\.json {2}\(of \d{4}-.*later edits are gone\)/);
    expect(readFileSync(machine.settingsFile, 'utf8')).toBe(first);
    expect(await machine.must(['uninstall', '--verify'])).toContain('Nothing of ours is left');
  });

  test('--verify finds what Kiro itself has forgotten, by the record', async () => {
    const machine = await installed();
    await until(() => existsSync(hook0x(machine)), 'attached');
    await machine.must(['stop']);
    rmSync(path.join(machine.userData, 'User', 'workspaceStorage'), { recursive: true });
    const { exitCode, stdout } = await machine.capsule(['uninstall', '--verify']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/capsule-stop\.kiro\.hook {2}\(a hook of ours for Kiro 0\.x\)/);
    expect(stdout).toMatch(/capsule-stop\.kiro\.hook {2}\(in our record, not undone yet: hook-workspace\)/);
  });
});
