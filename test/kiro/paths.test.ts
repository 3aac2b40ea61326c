import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { findSettingsFiles, kiroPaths } from '../../src/kiro/paths.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const at = (platform: 'linux' | 'darwin' | 'win32', env: Record<string, string> = {}, settings = DEFAULT_SETTINGS) =>
  kiroPaths({ home: '/home/dev', env, platform }, settings);

describe("Kiro's folders", () => {
  test('on Linux follow the XDG folder, when it is absolute', () => {
    expect(at('linux').userDataDirs).toEqual(['/home/dev/.config/Kiro']);
    expect(at('linux', { XDG_CONFIG_HOME: '/xdg' }).userDataDirs).toEqual(['/xdg/Kiro']);
    expect(at('linux', { XDG_CONFIG_HOME: 'xdg' }).userDataDirs).toEqual(['/home/dev/.config/Kiro']);
  });

  test('on macOS are in the application support folder', () => {
    expect(at('darwin').userDataDirs).toEqual(['/home/dev/Library/Application Support/Kiro']);
    expect(at('darwin').scripts).toBe('/home/dev/.kiro/scripts');
  });

  test('on Windows are in the roaming folder, and so is the dispatcher', () => {
    expect(at('win32', { APPDATA: '/roaming' })).toMatchObject({
      userDataDirs: ['/roaming/Kiro'],
      scripts: '/roaming/Kiro/scripts',
    });
    expect(at('win32').userDataDirs).toEqual(['/home/dev/AppData/Roaming/Kiro']);
  });

  test('include those that the settings name, and portable mode, each once', () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      'kiro.appDir': '/app',
      'kiro.userDataDirs': ['/extra', '/home/dev/.config/Kiro'],
    };
    expect(at('linux', {}, settings).userDataDirs).toEqual(['/home/dev/.config/Kiro', '/app/data/user-data', '/extra']);
  });

  test('below the home are the same everywhere', () => {
    const { dotKiro, sessions, userHooks, userSettings } = at('win32');
    expect([dotKiro, sessions, userHooks, userSettings]).toEqual(
      ['', '/sessions', '/hooks', '/settings'].map((it) => `/home/dev/.kiro${it}`),
    );
  });
});

describe('the settings files of a user-data folder', () => {
  test('are the default one, there or not, and those of profiles that have one', () => {
    const folder = tempFolder();
    const user = path.join(folder, 'User');
    mkdirSync(path.join(user, 'profiles', 'with'), { recursive: true });
    mkdirSync(path.join(user, 'profiles', 'without'));
    writeFileSync(path.join(user, 'profiles', 'with', 'settings.json'), '{}');
    expect(findSettingsFiles(folder)).toEqual([
      path.join(user, 'settings.json'),
      path.join(user, 'profiles', 'with', 'settings.json'),
    ]);
  });

  test('are none when the folder is not there, or is a file', () => {
    const folder = tempFolder();
    writeFileSync(path.join(folder, 'file'), '');
    expect(findSettingsFiles(path.join(folder, 'none'))).toEqual([]);
    expect(findSettingsFiles(path.join(folder, 'file'))).toEqual([]);
  });
});
