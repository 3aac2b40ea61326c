import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { attach } from '../../src/kiro/attach.ts';
import { attachmentState } from '../../src/kiro/attachment-state.ts';
import { userWarnings, workspaceWarnings } from '../../src/kiro/attachment-warnings.ts';
import { detach } from '../../src/kiro/detach.ts';
import { workspaceHash } from '../../src/kiro/inventory-trust.ts';
import { findLeftovers } from '../../src/kiro/leftovers.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace } from '../helpers/kiro-home.ts';

function attached(settings = '{}') {
  const home = kiroHome(settings);
  const demo = makeWorkspace(home.host, 'demo');
  attach(home.host, { paths: home.paths, hooks: ALL_HOOKS, workspaces: [demo], dispatcher: DISPATCHER });
  const state = (hooks = ALL_HOOKS) => attachmentState(home.host, home.paths, hooks, [demo]);
  return { ...home, demo, state };
}

describe('how attachments stand', () => {
  test('before anything was done: nothing is in place, and looking makes no file', () => {
    const { host, paths } = kiroHome('{}');
    const demo = makeWorkspace(host, 'demo');
    const state = attachmentState(host, paths, ALL_HOOKS, [demo]);
    expect([state.dispatcher, state.hook, ...state.trust].map((it) => it?.inPlace)).toEqual([false, false, false]);
    expect(state.workspaces).toMatchObject([
      { attached: false, detail: 'waits for the daemon', shadow: null, rule: null },
    ]);
  });

  test('after attaching: everything is', () => {
    const state = attached().state();
    expect([state.dispatcher, state.hook, ...state.trust].map((it) => it?.inPlace)).toEqual([true, true, true]);
    expect(state.workspaces).toMatchObject([{ attached: true, detail: 'by its own hook files' }]);
  });

  test("a workspace is attached by the user's hook when no 0.x needs its own", () => {
    const { demo, state } = attached();
    rmSync(path.join(demo.path, '.kiro'), { recursive: true });
    const hooks = { ...ALL_HOOKS, workspace0x: false };
    expect(state(hooks).workspaces).toMatchObject([{ attached: true, detail: "by the user's hook" }]);
    expect(state().workspaces).toMatchObject([{ attached: false, detail: expect.stringContaining('removed') }]);
  });

  test('a linked folder and a remote one say why not', () => {
    const { host, paths } = kiroHome('{}');
    const demo = makeWorkspace(host, 'demo');
    symlinkSync(host.home, path.join(demo.path, '.kiro'));
    const remote = { ...demo, path: null, state: 'remote' as const, reason: 'on wsl' };
    expect(attachmentState(host, paths, ALL_HOOKS, [demo, remote]).workspaces).toMatchObject([
      { attached: false, detail: expect.stringContaining('is a link') },
      { attached: false, detail: 'on wsl' },
    ]);
  });

  test('settings that do not parse say where', () => {
    const { settingsFile, state } = attached();
    writeFileSync(settingsFile, '{');
    expect(state().trust[0]).toMatchObject({ inPlace: false, detail: expect.stringContaining(`${settingsFile}:1:2`) });
  });

  test('a denied part of our command is named', () => {
    const { state } = attached('{"kiroAgent.commandDenylist": ["rm", "dispatch"]}');
    expect(state().trust[0]).toMatchObject({ inPlace: false, detail: expect.stringContaining('"dispatch"') });
  });

  test("a workspace's own list that hides ours is a warning, and is not touched", () => {
    const { demo, state } = attached();
    mkdirSync(path.join(demo.path, '.vscode'));
    writeFileSync(path.join(demo.path, '.vscode', 'settings.json'), '{ "kiroAgent.trustedCommands": ["npm *"], }');
    expect(state().workspaces.flatMap(workspaceWarnings)).toEqual([
      {
        code: 'trust-shadowed',
        file: path.join(demo.path, '.vscode', 'settings.json'),
        message: "not trusted yet in the workspace's own settings, which count instead of yours",
        fix: 'Add "~/.kiro/scripts/capsule-dispatch.sh" to kiroAgent.trustedCommands there, or use Kiro 1.x',
      },
    ]);
    writeFileSync(path.join(demo.path, '.vscode', 'settings.json'), '{ "kiroAgent.trustedCommands": ["*"] }');
    expect(state().workspaces.flatMap(workspaceWarnings)).toEqual([]);
  });

  test('a part of our command that a workspace denies is named, with what to do', () => {
    const { demo, state } = attached();
    mkdirSync(path.join(demo.path, '.vscode'));
    writeFileSync(path.join(demo.path, '.vscode', 'settings.json'), '{ "kiroAgent.commandDenylist": [".sh"] }');
    expect(state().workspaces.flatMap(workspaceWarnings)).toMatchObject([
      {
        code: 'trust-shadowed',
        message: expect.stringContaining('".sh"'),
        fix: expect.stringContaining('Take that part'),
      },
    ]);
  });

  test("a rule of Kiro 1.x that stops the hook is found in the user's file and in the workspace's own", () => {
    const { host, paths, demo, state } = attached();
    const rules = 'rules:\n  - capability: shell\n    effect: ask\n';
    const ofWorkspace = path.join(
      paths.dotKiro,
      'workspace-roots',
      workspaceHash(demo.path, 'linux'),
      'permissions.yaml',
    );
    const ofUser = path.join(host.home, '.kiro', 'settings', 'permissions.json');
    for (const [file, text] of [
      [ofWorkspace, rules],
      [ofUser, '{"rules": [{"capability": "all", "effect": "deny"}]}'],
    ] as const) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const now = state();
    expect(userWarnings(now)).toMatchObject([{ code: 'permission-stops-hook', file: ofUser }]);
    expect(now.workspaces.flatMap(workspaceWarnings)).toMatchObject([
      { code: 'permission-stops-hook', file: ofWorkspace, message: expect.stringContaining('ask') },
    ]);
    writeFileSync(path.join(path.dirname(ofUser), 'permissions.yaml'), 'rules: []\n');
    expect(userWarnings(state())).toEqual([]);
  });

  test('what is missing is a warning with the command that puts it back; what its user changed is none', () => {
    const { paths, state } = attached('{"kiroAgent.commandDenylist": ["dispatch"]}');
    const hook = path.join(paths.userHooks, 'capsule-stop.json');
    writeFileSync(hook, readFileSync(hook, 'utf8').replace('"timeout": 10', '"timeout": 20'));
    expect(state().hook).toMatchObject({ inPlace: true, kept: true });
    expect(userWarnings(state()).map(({ code }) => code)).toEqual(['trust-missing']);
    writeFileSync(hook, readFileSync(hook, 'utf8').replace('"enabled": true', '"enabled": false'));
    rmSync(path.join(paths.scripts, 'capsule-dispatch.sh'));
    expect(state().hook).toMatchObject({ inPlace: false, detail: 'its user switched the hook off' });
    expect(userWarnings(state()).map(({ code }) => code)).toEqual([
      'dispatcher-missing',
      'user-hook-missing',
      'trust-missing',
    ]);
  });

  test('a workspace whose hook its user changed is attached all the same', () => {
    const { demo, state } = attached();
    const hook = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
    writeFileSync(hook, readFileSync(hook, 'utf8').replace('10', '30'));
    expect(state().workspaces).toMatchObject([{ attached: true, kept: true }]);
    writeFileSync(hook, '{}');
    expect(state().workspaces).toMatchObject([{ attached: false, detail: expect.stringContaining('is not ours') }]);
  });
});

describe('looking for leftovers', () => {
  test('finds every file of ours by what is in it, with no record', () => {
    const { host, paths, demo, settingsFile } = attached();
    mkdirSync(path.join(demo.path, '.git', 'info'), { recursive: true });
    mkdirSync(path.join(demo.path, '.git', 'objects'));
    writeFileSync(path.join(demo.path, '.git', 'HEAD'), '');
    writeFileSync(path.join(demo.path, '.git', 'info', 'exclude'), '/.kiro/hooks/capsule-stop.json\n');
    rmSync(host.own.home, { recursive: true });
    expect(
      findLeftovers(paths, [demo])
        .map((left) => left.file)
        .sort(),
    ).toEqual(
      [
        settingsFile,
        path.join(paths.userHooks, 'capsule-stop.json'),
        path.join(paths.scripts, 'capsule-dispatch.sh'),
        path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook'),
        path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json'),
        path.join(demo.path, '.git', 'info', 'exclude'),
      ].sort(),
    );
  });

  test('finds nothing after detaching', () => {
    const { host, paths, demo } = attached();
    detach(host);
    expect(findLeftovers(paths, [demo])).toEqual([]);
  });
});
