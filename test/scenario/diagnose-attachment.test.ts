/** Each breakage of what is attached to Kiro is told under its own id, and its own advice heals it. That only the next is told proves that the one before is healed. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type CheckAnswer, healthyMachine, type Sick } from '../helpers/sick-machine.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';

function place(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The places of one machine. */
const at = ({ machine: { home, workspace, settingsFile, userData } }: Sick) => ({
  hook0x: path.join(workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook'),
  userHook: path.join(home, '.kiro', 'hooks', 'capsule-stop.json'),
  script: path.join(home, '.kiro', 'scripts', 'capsule-dispatch.sh'),
  permissions: path.join(home, '.kiro', 'settings', 'permissions.yaml'),
  ownSettings: path.join(workspace, '.vscode', 'settings.json'),
  registry: path.join(userData, 'User', 'workspaceStorage', 'remote', 'workspace.json'),
  settingsFile,
});

describe('while the daemon runs', () => {
  test('what stands in files of a repository, of Kiro, or of its user is told, and the advice is right', async () => {
    const sick = await healthyMachine();
    const { hook0x, permissions, ownSettings, registry, settingsFile } = at(sick);
    const settings = readFileSync(settingsFile, 'utf8');

    rmSync(hook0x);
    const hook = await sick.only('hook.workspace');
    expect(hook.fix?.command).toBe('capsule-kiro workspaces include ~/projects/demo');
    await sick.obey(hook);

    place(ownSettings, '{ "kiroAgent.trustedCommands": ["npm test"] }');
    const shadow = await sick.only('trust.shadowed');
    expect(shadow.fix?.say).toContain(`Add ${JSON.stringify(COMMAND)} to kiroAgent.trustedCommands there`);
    place(ownSettings, JSON.stringify({ 'kiroAgent.trustedCommands': ['npm test', COMMAND] }));

    writeFileSync(settingsFile, settings.replace('"npm test",', '"npm test", "*",'));
    expect((await sick.only('trust.broad')).evidence).toEqual(['kiroAgent.trustedCommands (user) allows *']);
    writeFileSync(settingsFile, settings);

    writeFileSync(settingsFile, settings.replace('{', '{ "kiroAgent.commandDenylist": ["dispatch"],'));
    expect((await sick.only('trust.settings')).evidence.join()).toContain('kiroAgent.commandDenylist holds "dispatch"');
    writeFileSync(settingsFile, settings);

    place(permissions, 'rules:\n  - capability: shell\n    effect: deny\n');
    expect((await sick.only('permission.rules')).fix?.say).toContain('Add "*capsule-dispatch*" and "true"');
    place(
      permissions,
      'rules:\n  - capability: shell\n    effect: deny\n    exclude: ["*capsule-dispatch*", "true"]\n',
    );
    place(permissions, 'rules:\n  - capability: shell\n    effect: perhaps\n');
    expect((await sick.only('permission.rules')).evidence.join()).toContain('Kiro drops it as a whole');
    rmSync(permissions);

    place(registry, '{"folder":"vscode-remote://ssh-remote%2Bbox/srv/app"}');
    expect((await sick.only('workspace.remote')).evidence.join()).toContain('app is not covered');
    rmSync(path.dirname(registry), { recursive: true });
    await sick.healthy();
  });
});

describe('while no daemon is there to mend it', () => {
  test('what went or changed in the home is told and put back by diagnose', async () => {
    const sick = await healthyMachine();
    const { userHook, script, settingsFile } = at(sick);
    await sick.machine.killDaemon();
    const daemon = await sick.only('daemon.running');
    const alone = async (id: string): Promise<CheckAnswer> => {
      const found = await sick.troubles();
      expect(found.map((check) => check.id)).toEqual([id, 'daemon.running']);
      return found[0] as CheckAnswer;
    };
    const breakages: [string, () => void][] = [
      ['dispatcher.present', () => rmSync(script)],
      ['dispatcher.intact', () => writeFileSync(script, `${readFileSync(script, 'utf8')}\necho hello\n`)],
      ['dispatcher.intact', () => chmodSync(script, 0o600)],
      ['hook.user', () => rmSync(userHook)],
      ['trust.settings', () => writeFileSync(settingsFile, '{ "mine": true }\n')],
    ];
    for (const [id, spoil] of breakages) {
      spoil();
      expect(await sick.obey(await alone(id))).toContain('Repaired:');
      await sick.only('daemon.running');
    }
    expect(readFileSync(settingsFile, 'utf8')).toContain('"mine": true');
    await sick.obey(daemon);
    await sick.healthy();
  });

  test('a hook that its user switched off is told, left by --fix, and put back on their word', async () => {
    const sick = await healthyMachine();
    const { userHook } = at(sick);
    writeFileSync(userHook, readFileSync(userHook, 'utf8').replace('"enabled": true', '"enabled": false'));
    const off = readFileSync(userHook, 'utf8');
    const hook = await sick.only('hook.user');
    await sick.machine.capsule(['diagnose', '--fix']);
    expect(readFileSync(userHook, 'utf8')).toBe(off);
    expect(hook.fix?.command).toBe('capsule-kiro install --force');
    await sick.obey(hook);
    await sick.healthy();
  });

  test('a file of an older install that nobody knows is named', async () => {
    const sick = await healthyMachine();
    const { hook0x, userHook } = at(sick);
    const old = path.join(path.dirname(userHook), 'capsule-old.kiro.hook');
    writeFileSync(old, readFileSync(hook0x));
    expect((await sick.only('install.leftovers')).evidence.join()).toContain('capsule-old.kiro.hook: a hook of ours');
    rmSync(old);
    await sick.healthy();
  });
});
