import { chownSync, cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createRegistry, listWorkspaces } from '../../src/kiro/workspaces.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

const NONE = { 'workspaces.exclude': [], 'workspaces.network': [] };
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A home in which Kiro's lists can be written one by one. */
function home() {
  const { host, paths } = kiroHome();
  const user = path.join(paths.userDataDirs[0] ?? '', 'User');
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const opened = (id: string, json: string) => write(path.join(user, 'workspaceStorage', id, 'workspace.json'), json);
  const folder = (name: string) => {
    mkdirSync(path.join(host.home, name), { recursive: true });
    return path.join(host.home, name);
  };
  const list = (exclude: string[] = []) => listWorkspaces(host, paths, { ...NONE, 'workspaces.exclude': exclude });
  return { host, paths, user, write, opened, folder, list };
}

describe('the lists of a recorded user-data folder', () => {
  test('are united: every folder once, with its sources', async () => {
    const { host, paths } = kiroHome();
    cpSync(fixture('kiro-user-data'), paths.userDataDirs[0] ?? '', { recursive: true });
    cpSync(fixture('kiro-1.x/synthetic/dot-kiro/sessions'), paths.sessions, { recursive: true });
    const found = await listWorkspaces(host, paths, NONE);
    expect(found.map(({ uri, state, sources }) => `${state} ${uri} (${sources.join(', ')})`)).toEqual([
      'missing file:///Users/dev/My%20Project (recently opened, workspaceStorage)',
      'missing file:///c%3A/Users/dev/multi.code-workspace (workspaceStorage)',
      'missing file:///c%3A/Users/dev/workspace/demo (storage.json, workspaceStorage)',
      'missing file:///home/dev/demo-app (recently opened, sessions of 0.x, sessions of 1.x, storage.json, workspaceStorage)',
      'missing file:///home/dev/multi.code-workspace (recently opened, storage.json, workspaceStorage)',
      'missing file:///srv/lib (sessions of 1.x)',
      'remote file://server/share/proj (workspaceStorage)',
      'remote vscode-remote://dev-container+7b22686f737450617468223a222f686f6d652f6465762f617070227d/workspaces/app (workspaceStorage)',
      'remote vscode-remote://ssh-remote+devbox/srv/app (recently opened, workspaceStorage)',
      'remote vscode-remote://wsl+ubuntu/home/dev/wsl-app (storage.json, workspaceStorage)',
    ]);
  });
});

describe('a workspace', () => {
  test('that is there is local', async () => {
    const { opened, folder, list } = home();
    opened('1', JSON.stringify({ folder: `file://${folder('my demo').replace(' ', '%20')}` }));
    expect(await list()).toEqual([
      expect.objectContaining({ name: 'my demo', state: 'local', reason: null, sources: ['workspaceStorage'] }),
    ]);
  });

  test('with several folders, in a file with comments, is each of its folders', async () => {
    const { host, opened, folder, write, list } = home();
    folder('one');
    folder('two');
    const file = path.join(host.home, 'all.code-workspace');
    write(
      file,
      '{ // all\n "folders": [{ "path": "one" }, { "path": "./two" }, { "uri": "vscode-remote://wsl%2Bx/three" }] }',
    );
    opened('1', JSON.stringify({ workspace: `file://${file}` }));
    expect((await list()).map(({ name, state, sources }) => [name, state, sources])).toEqual([
      ['one', 'local', ['all.code-workspace', 'workspaceStorage']],
      ['two', 'local', ['all.code-workspace', 'workspaceStorage']],
      ['three', 'remote', ['all.code-workspace', 'workspaceStorage']],
    ]);
  });

  test('without a name yet is read from where Kiro keeps it', async () => {
    const { paths, opened, folder, write, list } = home();
    const file = path.join(paths.userDataDirs[0] ?? '', 'Workspaces', '1751', 'workspace.json');
    write(file, JSON.stringify({ folders: [{ path: folder('one') }] }));
    opened('1', JSON.stringify({ workspace: `file://${file}` }));
    expect(await list()).toMatchObject([{ name: 'one', state: 'local' }]);
  });

  test('whose file does not parse, or is gone, is listed as that file', async () => {
    const { host, opened, write, list } = home();
    write(path.join(host.home, 'bad.code-workspace'), '{');
    opened('1', JSON.stringify({ workspace: `file://${host.home}/bad.code-workspace` }));
    opened('2', JSON.stringify({ workspace: `file://${host.home}/gone.code-workspace` }));
    expect(await list()).toMatchObject([
      { name: 'bad.code-workspace', state: 'skipped', reason: 'the workspace file does not parse' },
      { name: 'gone.code-workspace', state: 'missing', reason: 'the workspace file is not there' },
    ]);
  });

  test('that is the home folder, a disk, or holds our own files is skipped with the reason', async () => {
    const { host, opened, list } = home();
    mkdirSync(path.join(host.own.home, 'inner'), { recursive: true });
    for (const [index, folder] of [
      host.home,
      '/',
      host.own.home,
      path.join(host.own.home, 'inner'),
      path.dirname(host.own.home),
    ].entries()) {
      opened(String(index), JSON.stringify({ folder: `file://${folder}` }));
    }
    const found = await list();
    expect(new Set(found.map((it) => it.state))).toEqual(new Set(['skipped']));
    expect(found.map((it) => it.reason).sort()).toEqual([
      ...Array(3).fill("it holds capsule-kiro's own files"),
      'it is the home folder',
      'it is the root of a disk',
    ]);
  });

  test('that its user excluded, or that lies below an excluded folder, is excluded', async () => {
    const { opened, folder, list } = home();
    for (const name of ['a', 'b/c', 'bb'])
      opened(name.replace('/', ''), JSON.stringify({ folder: `file://${folder(name)}` }));
    const found = await list([folder('a'), folder('b')]);
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'excluded'],
      ['c', 'excluded'],
      ['bb', 'local'],
    ]);
  });

  test('that is a file is skipped', async () => {
    const { host, opened, write, list } = home();
    write(path.join(host.home, 'file'), '');
    opened('1', JSON.stringify({ folder: `file://${host.home}/file` }));
    expect(await list()).toMatchObject([{ state: 'skipped', reason: 'it is not a folder' }]);
  });

  // Only the super-user can give a folder away.
  (process.getuid?.() === 0 ? test : test.skip)('that belongs to another user is skipped', async () => {
    const { opened, folder, list } = home();
    chownSync(folder('theirs'), 12345, 12345);
    opened('1', JSON.stringify({ folder: `file://${folder('theirs')}` }));
    expect(await list()).toMatchObject([{ state: 'skipped', reason: 'it belongs to another user' }]);
  });
});

describe('looking again', () => {
  test('finds a workspace.json that was late, empty or half written at first', async () => {
    const { host, paths, opened, folder } = home();
    const registry = createRegistry(host, () => paths);
    const json = JSON.stringify({ folder: `file://${folder('demo')}` });
    mkdirSync(path.join(paths.userDataDirs[0] ?? '', 'User', 'workspaceStorage', '1'), { recursive: true });
    const seen: number[] = [(await registry.scan(NONE)).length];
    for (const text of ['', json.slice(0, 20), json]) {
      opened('1', text);
      seen.push((await registry.scan(NONE)).length);
    }
    expect(seen).toEqual([0, 0, 0, 1]);
  });

  test('reads no file again that did not change', async () => {
    const { host, paths, write, folder } = home();
    const registry = createRegistry(host, () => paths);
    const file = path.join(paths.sessions, 'b', 'sess_1', 'session.json');
    const say = (name: string, time: number) => {
      write(file, JSON.stringify({ workspacePaths: [folder(name)] }));
      utimesSync(file, time, time);
    };
    say('aaaa', 1000);
    await registry.scan(NONE);
    // The same size, time and inode: only a reader of the content could tell.
    say('bbbb', 1000);
    expect(await registry.scan(NONE)).toMatchObject([{ name: 'aaaa' }]);
    say('bbbb', 2000);
    expect(await registry.scan(NONE)).toMatchObject([{ name: 'bbbb' }]);
  });

  test('forgets a workspace that left every list, and notices a folder that comes and goes', async () => {
    const { host, paths, opened, folder, user } = home();
    const registry = createRegistry(host, () => paths);
    opened('1', JSON.stringify({ folder: `file://${folder('demo')}` }));
    const states: string[][] = [];
    const look = async () => states.push((await registry.scan(NONE)).map((it) => it.state));
    await look();
    rmSync(folder('demo'), { recursive: true });
    await look();
    folder('demo');
    await look();
    rmSync(path.join(user, 'workspaceStorage'), { recursive: true });
    await look();
    expect(states).toEqual([['local'], ['missing'], ['local'], []]);
  });

  test('keeps what the recent list said when Kiro has the database locked', async () => {
    const { host, paths, folder, user } = home();
    mkdirSync(path.join(user, 'globalStorage'), { recursive: true });
    const kiro = new DatabaseSync(path.join(user, 'globalStorage', 'state.vscdb'));
    kiro.exec('CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)');
    const say = (name: string) =>
      kiro
        .prepare('REPLACE INTO ItemTable VALUES (?, ?)')
        .run('history.recentlyOpenedPathsList', JSON.stringify({ entries: [{ folderUri: `file://${folder(name)}` }] }));
    say('one');
    const registry = createRegistry(host, () => paths);
    expect(await registry.scan(NONE)).toMatchObject([{ name: 'one', sources: ['recently opened'] }]);
    say('two is longer, so that the file changes');
    kiro.exec('BEGIN EXCLUSIVE');
    for (const _ of ['once', 'twice', 'for longer']) {
      expect(await registry.scan(NONE)).toMatchObject([{ name: 'one' }]);
    }
    kiro.exec('COMMIT');
    expect(await registry.scan(NONE)).toMatchObject([{ name: 'two is longer, so that the file changes' }]);
    kiro.close();
  });

  test('survives lists that are garbage, folders or links to nowhere', async () => {
    const { user, write, opened, folder, list } = home();
    write(path.join(user, 'globalStorage', 'state.vscdb'), 'not a database');
    mkdirSync(path.join(user, 'globalStorage', 'storage.json'));
    mkdirSync(path.join(user, 'workspaceStorage', '2', 'workspace.json'), { recursive: true });
    symlinkSync('/nowhere', path.join(user, 'workspaceStorage', '3'));
    opened('1', JSON.stringify({ folder: `file://${folder('demo')}` }));
    expect(await list()).toMatchObject([{ name: 'demo' }]);
  });
});
