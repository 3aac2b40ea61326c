import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { kiroPaths } from '../../src/kiro/paths.ts';
import { findKiro, installPlaces } from '../../src/kiro/versions.ts';
import { tempHost } from '../helpers/temp-home.ts';

function machine() {
  const host = tempHost();
  // Named, so that a Kiro on the machine that runs the tests is not seen.
  const settings = { ...DEFAULT_SETTINGS, 'kiro.appDir': path.join(host.home, 'Kiro.app') };
  const paths = kiroPaths(host, settings);
  const install = (inner: string, text: string) => {
    const folder = path.join(settings['kiro.appDir'], inner);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), text);
    return path.join(folder, 'package.json');
  };
  return { host, paths, install, find: () => findKiro(host, paths, settings) };
}

describe('an installed Kiro', () => {
  for (const inner of ['', 'resources/app', 'Contents/Resources/app', 'Resources/app']) {
    test(`is found in ${inner || 'the folder itself'}`, () => {
      const { find, install } = machine();
      const evidence = install(inner, '{"name": "Kiro", "version": "1.0.411"}');
      expect(find()).toEqual([{ generation: 'ide-1.x', version: '1.0.411', evidence }]);
    });
  }

  test('of generation 0.x is told from one of 1.x', () => {
    const { find, install } = machine();
    install('', '{"version": "0.12.155"}');
    expect(find()).toMatchObject([{ generation: 'ide-0.x', version: '0.12.155' }]);
  });

  test('counts, and not what an older one left behind', () => {
    const { find, install, paths } = machine();
    install('', '{"version": "1.0.411"}');
    mkdirSync(path.join(paths.userDataDirs[0] ?? '', 'User/globalStorage/kiro.kiroagent/workspace-sessions'), {
      recursive: true,
    });
    expect(find()).toHaveLength(1);
  });

  test('whose package.json is broken is not found', () => {
    for (const text of ['', '{', '[]', '{"version": 1}', '{"version": "next"}']) {
      const { find, install } = machine();
      install('', text);
      expect(find()).toEqual([]);
    }
  });
});

describe('with no Kiro installed where we look', () => {
  test('0.x is known by its session store', () => {
    const { find, paths } = machine();
    const store = path.join(paths.userDataDirs[0] ?? '', 'User/globalStorage/kiro.kiroagent/workspace-sessions');
    mkdirSync(store, { recursive: true });
    expect(find()).toEqual([{ generation: 'ide-0.x', version: null, evidence: store }]);
  });

  test('1.x is known by its sessions, but not by those of the command line', () => {
    const { find, paths } = machine();
    mkdirSync(path.join(paths.sessions, 'cli'), { recursive: true });
    expect(find()).toEqual([]);
    mkdirSync(path.join(paths.sessions, '4f15e4aa9286a8f3'));
    expect(find()).toEqual([
      { generation: 'ide-1.x', version: null, evidence: path.join(paths.sessions, '4f15e4aa9286a8f3') },
    ]);
  });

  test('1.x is known by the mark of its trust migration', () => {
    const { find, paths } = machine();
    mkdirSync(paths.dotKiro);
    writeFileSync(path.join(paths.dotKiro, '.trust-migration.json'), '{}');
    expect(find()).toMatchObject([{ generation: 'ide-1.x', version: null }]);
  });
});

describe('the places to look for an install', () => {
  const host = { home: '/home/dev', env: { LOCALAPPDATA: '/l', ProgramFiles: '/p' } };
  test('differ by system', () => {
    expect(installPlaces({ ...host, platform: 'linux' }, null)).toContain('/usr/share/kiro/resources/app');
    expect(installPlaces({ ...host, platform: 'darwin' }, null)).toEqual([
      '/Applications/Kiro.app/Contents/Resources/app',
      '/home/dev/Applications/Kiro.app/Contents/Resources/app',
    ]);
    expect(installPlaces({ ...host, platform: 'win32' }, null)).toEqual([
      '/l/Programs/Kiro/resources/app',
      '/p/Kiro/resources/app',
    ]);
    expect(installPlaces({ ...host, env: {}, platform: 'win32' }, null)).toEqual([]);
  });
});
