import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type AttachOptions, attach, attachWorkspaces } from '../../src/kiro/attach.ts';
import { detach } from '../../src/kiro/detach.ts';
import { readTrusted } from '../../src/kiro/trusted-commands.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace, picture } from '../helpers/kiro-home.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const everything = (home: ReturnType<typeof kiroHome>, more: Partial<AttachOptions> = {}): AttachOptions => ({
  paths: home.paths,
  hooks: ALL_HOOKS,
  workspaces: [],
  dispatcher: DISPATCHER,
  ...more,
});
const results = (changes: { step: string; result: string }[]) => changes.map(({ step, result }) => `${step} ${result}`);
const hooksOf = (folder: string) => readdirSync(path.join(folder, '.kiro', 'hooks')).sort();
const runsAsRoot = process.getuid?.() === 0;

describe('attaching', () => {
  test('places dispatcher, user hook, trust and both workspace hooks', () => {
    const home = kiroHome('{\n  "a": 1 // mine\n}\n');
    const demo = makeWorkspace(home.host, 'demo');
    const changes = attach(home.host, everything(home, { workspaces: [demo] }));
    expect(results(changes)).toEqual([
      'dispatcher done',
      'hook-user done',
      'trust done',
      'hook-workspace done',
      'hook-workspace done',
    ]);
    expect(statSync(path.join(home.paths.scripts, 'capsule-dispatch.sh')).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(home.paths.userHooks, 'capsule-stop.json')).mode & 0o777).toBe(0o600);
    expect(readTrusted(readFileSync(home.settingsFile, 'utf8'), 'f').commands).toEqual([COMMAND]);
    expect(hooksOf(demo.path)).toEqual(['capsule-stop.json', 'capsule-stop.kiro.hook']);
  });

  test('a second time touches nothing, not even a time stamp', () => {
    const home = kiroHome('{}');
    const options = everything(home, { workspaces: [makeWorkspace(home.host, 'demo')] });
    attach(home.host, options);
    const before = picture(home.host.home, home.host.own.home);
    expect(new Set(attach(home.host, options).map((change) => change.result))).toEqual(new Set(['already']));
    expect(attachWorkspaces(home.host, options).map((change) => change.result)).toEqual(['already', 'already']);
    expect(picture(home.host.home, home.host.own.home)).toEqual(before);
  });

  test('a dry run says what would be done and writes nothing at all', () => {
    const home = kiroHome('{}');
    const options = everything(home, { workspaces: [makeWorkspace(home.host, 'demo')], dryRun: true });
    const before = picture(home.host.home, 'nothing');
    expect(new Set(attach(home.host, options).map((change) => change.result))).toEqual(new Set(['planned']));
    expect(picture(home.host.home, 'nothing')).toEqual(before);
  });

  test('a settings file that does not parse is left alone with file, line and column, and the rest is done', () => {
    const broken = '{\n  "a": 1,\n  oops\n}';
    const home = kiroHome(broken);
    const demo = makeWorkspace(home.host, 'demo');
    const changes = attach(home.host, everything(home, { workspaces: [demo] }));
    expect(changes.find((change) => change.step === 'trust')).toMatchObject({
      result: 'failed',
      failure: { code: 'file-unparsable', message: `${home.settingsFile}:3:3 does not parse: invalid symbol` },
    });
    expect(changes.filter((change) => change.result === 'failed')).toHaveLength(1);
    expect(readFileSync(home.settingsFile, 'utf8')).toBe(broken);
    expect(hooksOf(demo.path)).toHaveLength(2);
  });

  test('every profile that has its own settings gets the trust; no user-data folder is made', () => {
    const home = kiroHome();
    const profile = path.join(path.dirname(home.settingsFile), 'profiles', '-5d1f', 'settings.json');
    mkdirSync(path.dirname(profile), { recursive: true });
    writeFileSync(profile, '// work\n{}\n');
    const paths = { ...home.paths, userDataDirs: [...home.paths.userDataDirs, path.join(home.host.home, 'none')] };
    attach(home.host, everything(home, { paths }));
    for (const file of [home.settingsFile, profile]) {
      expect(readTrusted(readFileSync(file, 'utf8'), file).commands).toEqual([COMMAND]);
    }
    expect(existsSync(path.join(home.host.home, 'none'))).toBe(false);
  });

  test('settings behind a link are edited, and the link stays', () => {
    const home = kiroHome();
    const real = path.join(home.host.home, 'dotfiles.json');
    writeFileSync(real, '{"a": 1}', { mode: 0o640 });
    chmodSync(real, 0o640);
    symlinkSync(real, home.settingsFile);
    attach(home.host, everything(home));
    expect(lstatSync(home.settingsFile).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain(COMMAND);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    detach(home.host);
    expect(readFileSync(real, 'utf8')).toBe('{"a": 1}');
    expect(lstatSync(home.settingsFile).isSymbolicLink()).toBe(true);
  });

  test('no hook is placed when the dispatcher cannot be', () => {
    const home = kiroHome('{}');
    writeFileSync(home.paths.dotKiro, 'a file where a folder should be');
    const demo = makeWorkspace(home.host, 'demo');
    const changes = attach(home.host, everything(home, { workspaces: [demo] }));
    expect(results(changes)).toEqual(['dispatcher failed', 'hook-user failed']);
    expect(readFileSync(home.settingsFile, 'utf8')).toBe('{}');
    expect(existsSync(path.join(demo.path, '.kiro'))).toBe(false);
  });

  test('an older dispatcher and an older hook of ours are brought up to date', () => {
    const home = kiroHome('{}');
    attach(home.host, everything(home));
    const dispatcher = [{ name: 'capsule-dispatch.sh', text: '#!/bin/sh\n# capsule-kiro 2\n' }];
    expect(attach(home.host, everything(home, { dispatcher }))[0]).toMatchObject({ result: 'done' });
    expect(readFileSync(path.join(home.paths.scripts, 'capsule-dispatch.sh'), 'utf8')).toContain('capsule-kiro 2');
  });
});

describe('a workspace', () => {
  const other =
    '{"version":"v1","hooks":[{"name":"mine","trigger":"Stop","action":{"type":"command","command":"say hi"}}]}';

  test('keeps a file of the same name that is not ours, and says so', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    mkdirSync(path.join(demo.path, '.kiro', 'hooks'), { recursive: true });
    const file = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json');
    writeFileSync(file, other);
    const changes = attach(home.host, everything(home, { workspaces: [demo] }));
    expect(changes.find((change) => change.file === file)).toMatchObject({
      result: 'failed',
      failure: { code: 'edit-unsafe' },
    });
    expect(readFileSync(file, 'utf8')).toBe(other);
    detach(home.host);
    expect(readFileSync(file, 'utf8')).toBe(other);
  });

  test("takes Kiro's own upgrade of our 0.x file for ours", () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    mkdirSync(path.join(demo.path, '.kiro', 'hooks'), { recursive: true });
    const file = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json');
    writeFileSync(file, other.replace('say hi', COMMAND));
    attach(home.host, everything(home, { workspaces: [demo] }));
    expect(readFileSync(file, 'utf8')).toContain('|| true');
    detach(home.host);
    expect(existsSync(file)).toBe(false);
  });

  test('does not get back a hook that its user deleted, unless asked', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    const options = { hooks: ALL_HOOKS, workspaces: [demo] };
    attachWorkspaces(home.host, options);
    rmSync(path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook'));
    expect(results(attachWorkspaces(home.host, options))).toEqual(['hook-workspace skipped', 'hook-workspace already']);
    expect(hooksOf(demo.path)).toEqual(['capsule-stop.json']);
    attachWorkspaces(home.host, { ...options, force: true });
    expect(hooksOf(demo.path)).toHaveLength(2);
  });

  test('keeps a hook of ours that its user changed', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    const options = { hooks: ALL_HOOKS, workspaces: [demo] };
    attachWorkspaces(home.host, options);
    const file = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
    const changed = readFileSync(file, 'utf8').replace('"timeout": 10', '"timeout": 20');
    writeFileSync(file, changed);
    expect(results(attachWorkspaces(home.host, options))).toContain('hook-workspace kept');
    expect(readFileSync(file, 'utf8')).toBe(changed);
  });

  for (const link of ['.kiro', path.join('.kiro', 'hooks')]) {
    test(`whose ${link} is a link is left alone, and nothing is written behind it`, () => {
      const home = kiroHome('{}');
      const demo = makeWorkspace(home.host, 'demo');
      const outside = path.join(home.host.home, 'outside');
      mkdirSync(path.join(outside, 'hooks'), { recursive: true });
      mkdirSync(path.dirname(path.join(demo.path, link)), { recursive: true });
      symlinkSync(outside, path.join(demo.path, link));
      const changes = attachWorkspaces(home.host, { hooks: ALL_HOOKS, workspaces: [demo] });
      expect(changes).toEqual([
        expect.objectContaining({ result: 'skipped', detail: expect.stringContaining('is a link') }),
      ]);
      expect(readdirSync(outside, { recursive: true })).toEqual(['hooks']);
    });
  }

  test('whose hook file is a link to somewhere else is left alone', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    const victim = path.join(home.host.home, '.bashrc');
    writeFileSync(victim, 'alias ll=ls\n');
    mkdirSync(path.join(demo.path, '.kiro', 'hooks'), { recursive: true });
    symlinkSync(victim, path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json'));
    const hooks = { ...ALL_HOOKS, workspace0x: false };
    expect(attachWorkspaces(home.host, { hooks, workspaces: [demo] })).toEqual([
      expect.objectContaining({ result: 'failed', failure: expect.objectContaining({ code: 'file-not-regular' }) }),
    ]);
    expect(readFileSync(victim, 'utf8')).toBe('alias ll=ls\n');
  });

  // The super-user may write everywhere, so there is nothing to see.
  (runsAsRoot ? test.skip : test)('that is read-only is reported and left alone', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    chmodSync(demo.path, 0o500);
    expect(attachWorkspaces(home.host, { hooks: ALL_HOOKS, workspaces: [demo] })).toEqual([
      expect.objectContaining({ result: 'skipped', detail: expect.stringContaining('cannot be written') }),
    ]);
    chmodSync(demo.path, 0o700);
  });

  test('that is remote, missing or excluded is listed with its reason', () => {
    const home = kiroHome('{}');
    const remote = {
      uri: 'vscode-remote://wsl+ubuntu/x',
      path: null,
      name: 'x',
      state: 'remote',
      reason: 'on wsl',
      sources: [],
    } as const;
    const changes = attachWorkspaces(home.host, { hooks: ALL_HOOKS, workspaces: [{ ...remote, sources: [] }] });
    expect(changes).toEqual([expect.objectContaining({ file: remote.uri, result: 'skipped', detail: 'on wsl' })]);
    expect(existsSync(home.host.own.attachments)).toBe(false);
  });

  test('whose repository would have git run programs has none run: git is never asked', () => {
    const home = kiroHome('{}');
    const demo = makeWorkspace(home.host, 'demo');
    const canary = path.join(home.host.home, 'canary');
    const run = `touch ${canary}`;
    mkdirSync(path.join(demo.path, '.git', 'objects'), { recursive: true });
    for (const name of ['info', 'refs']) mkdirSync(path.join(demo.path, '.git', name));
    writeFileSync(path.join(demo.path, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    writeFileSync(
      path.join(demo.path, '.git', 'config'),
      `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "${run}"\n\tsshCommand = "${run}"\n\teditor = "${run}"\n`,
    );
    attachWorkspaces(home.host, { hooks: ALL_HOOKS, workspaces: [demo] });
    detach(home.host);
    expect(existsSync(canary)).toBe(false);
    // The trap is a real one: git itself, asked for the state, would have walked into it.
    const git = spawnSync('git', ['-C', demo.path, 'status'], { encoding: 'utf8' });
    if (git.error === undefined) expect(existsSync(canary)).toBe(true);
  });

  test('needs no file of its own when the hook of the user is enough', () => {
    const home = kiroHome('{}');
    const hooks = { ...ALL_HOOKS, workspace0x: false, workspace1x: false };
    expect(attachWorkspaces(home.host, { hooks, workspaces: [makeWorkspace(home.host, 'demo')] })).toEqual([]);
  });
});
