import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Ran } from '../../src/core/host.ts';
import { answers, findDistant, type Mount, parseMounts, readMounts } from '../../src/kiro/mounts.ts';
import { createRegistry } from '../../src/kiro/workspaces.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

const LIST = [
  '21 28 0:19 / /sys rw,nosuid - sysfs sysfs rw',
  '28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '99 28 0:50 / /mnt/team\\040files rw,relatime shared:9 master:2 - nfs4 server:/x rw,vers=4.2',
  '100 28 0:51 / /mnt/s rw - fuse.sshfs dev@host:/ rw',
  '101 100 8:2 / /mnt/s/local rw - ext4 /dev/sdb1 rw',
  '102 28 8:3 / /mnt/win rw - fuseblk /dev/sdc1 rw',
  'not a mount',
  '',
].join('\n');

describe('file systems that may hang', () => {
  const mounts = parseMounts(LIST);
  for (const [folder, type] of [
    ['/home/dev/demo', null],
    ['/mnt/team files/demo', 'nfs4'],
    ['/mnt/team filesystem', null],
    ['/mnt/s', 'fuse.sshfs'],
    ['/mnt/s/local/demo', null],
    ['/mnt/win/demo', null],
  ] as const) {
    test(`${folder} is ${type ?? 'not on one'}`, () => {
      expect(findDistant(folder, '/home/dev', mounts)).toBe(type);
    });
  }

  test('do not count when the home is on the same one', () => {
    expect(findDistant('/mnt/s/demo', '/mnt/s/home', mounts)).toBeNull();
  });

  test('are read from the kernel’s list, which covers every mount of this machine', () => {
    const here = readMounts({ platform: 'linux' });
    expect(here.length).toBe(
      existsSync('/proc/self/mountinfo') ? parseMounts(readFileSync('/proc/self/mountinfo', 'utf8')).length : 0,
    );
    expect(readMounts({ platform: 'darwin' })).toEqual([]);
  });
});

describe('asking whether a folder answers', () => {
  const never = { run: () => new Promise<Ran>(() => {}) };
  const ran = (exitCode: number | null) => ({ run: async () => ({ exitCode, stdout: '', stderr: '' }) });

  test('is yes for any answer, no for a killed asker, and no when not even the asker ends', async () => {
    expect(await answers(ran(0), '/mnt/x')).toBe(true);
    expect(await answers(ran(1), '/mnt/x')).toBe(true);
    expect(await answers(ran(null), '/mnt/x')).toBe(false);
    expect(await answers(never, '/mnt/x', 1)).toBe(false);
  });
});

describe('a workspace on such a file system', () => {
  const found = async (network: string[], exitCode: number | null) => {
    const { host, paths } = kiroHome();
    const asked: string[] = [];
    const run = async (_program: string, args: readonly string[]) => {
      asked.push(args.at(-1) ?? '');
      return { exitCode, stdout: '', stderr: '' };
    };
    const team = path.join(host.home, 'team');
    const mounts: Mount[] = [
      { point: '/', type: 'ext4' },
      { point: team, type: 'nfs4' },
    ];
    const folder = path.join(team, 'demo');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(team, 'all.code-workspace'), JSON.stringify({ folders: [{ path: 'demo' }] }));
    const storage = path.join(paths.userDataDirs[0] ?? '', 'User', 'workspaceStorage');
    for (const [id, json] of [
      ['a', { folder: `file://${folder}` }],
      ['b', { workspace: `file://${team}/all.code-workspace` }],
    ] as const) {
      mkdirSync(path.join(storage, id), { recursive: true });
      writeFileSync(path.join(storage, id, 'workspace.json'), JSON.stringify(json));
    }
    const registry = createRegistry(
      { ...host, run },
      () => paths,
      () => mounts,
    );
    const named = network.map((name) => path.join(host.home, name));
    const workspaces = await registry.scan({ 'workspaces.exclude': [], 'workspaces.network': named });
    return { workspaces, asked };
  };

  test('is skipped with the reason, and nothing asks it anything, nor the file that lists it', async () => {
    const { workspaces, asked } = await found([], 0);
    expect(workspaces.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'all.code-workspace skipped',
      'demo skipped',
    ]);
    expect(workspaces[0]?.reason).toMatch(/may hang \(nfs4\)/);
    expect(asked).toEqual([]);
  });

  test('is taken when its user named it and it answers', async () => {
    const { workspaces } = await found(['team'], 0);
    expect(workspaces).toMatchObject([{ name: 'demo', state: 'local', reason: null }]);
  });

  test('is skipped when its user named it and it does not answer', async () => {
    const { workspaces } = await found(['team'], null);
    expect(workspaces.map(({ state }) => state)).toEqual(['skipped', 'skipped']);
    expect(workspaces[0]?.reason).toMatch(/does not answer/);
  });
});
