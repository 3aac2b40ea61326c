import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captureSurroundings } from '../../src/cli/capture-surroundings.ts';
import type { Progress } from '../../src/cli/command.ts';
import { config } from '../../src/cli/config.ts';
import { settingsManaged } from '../../src/cli/diagnose/checks/settings-managed.ts';
import { gatherFacts } from '../../src/cli/diagnose/gather-facts.ts';
import { managedNames, readManaged } from '../../src/cli/managed-settings.ts';
import { settingsInForce, withoutManaged } from '../../src/cli/settings-in-force.ts';
import { workspaces } from '../../src/cli/workspaces.ts';
import { makeFolder } from '../../src/core/careful-file.ts';
import { Failure } from '../../src/core/failure.ts';
import { type Host, managedPlace } from '../../src/core/host.ts';
import { changeSettings, DEFAULT_SETTINGS, SETTING_NAMES } from '../../src/core/settings.ts';
import { runs } from '../helpers/fuzz.ts';
import { tempHost } from '../helpers/temp-home.ts';

const progress = {} as Progress;
const DEVICE = { id: 'device', redactionKey: Buffer.alloc(32) } as Parameters<typeof captureSurroundings>[1];
const NO_MEMORY = { of: () => undefined, keep() {} } as unknown as Parameters<typeof captureSurroundings>[2];

function given(managed: unknown, own: object = {}): Host {
  const host = tempHost();
  makeFolder(host.own.home);
  mkdirSync(path.dirname(host.managed.file), { mode: 0o755 });
  writeFileSync(host.managed.file, typeof managed === 'string' ? managed : JSON.stringify(managed), { mode: 0o644 });
  changeSettings(host.own.settings, () => own);
  return host;
}

const refused = (code: string) => expect.objectContaining({ code });

describe('what an organisation lays down', () => {
  test('is in force whatever its user has set, and what it does not name stays the user’s', () => {
    const host = given(
      { 'portal.url': 'https://org.example' },
      { 'portal.url': 'https://mine.example', 'upgrade.auto': true },
    );
    expect(settingsInForce(host)).toMatchObject({ 'portal.url': 'https://org.example', 'upgrade.auto': true });
    expect(managedNames(host)).toEqual(['portal.url']);
  });

  test('of the level cannot be undone by what takes content away', () => {
    const own = {
      'content.levels': { '/': 'off' },
      'workspaces.exclude': ['/'],
      'content.rules': [{ name: 'all', pattern: '[^]+' }],
      'capture.cli': false,
    };
    const inForce = settingsInForce(given({ 'content.level': 'full' }, own));
    expect(inForce).toEqual({ ...DEFAULT_SETTINGS, 'content.level': 'full' });
    const named = { 'content.level': 'full', 'workspaces.exclude': ['/home/private'] };
    expect(settingsInForce(given(named, own))['workspaces.exclude']).toEqual(['/home/private']);
  });

  test('is not there where there is no file, and then nothing is laid down', () => {
    const host = tempHost();
    expect(readManaged(host)).toEqual({ is: 'none' });
    expect(settingsInForce(host)).toEqual(DEFAULT_SETTINGS);
  });

  test('cannot be changed by config or workspaces, and both say by whom; what is so already may be said again', async () => {
    const host = given({ 'content.level': 'redacted' });
    const args = { action: 'set', name: 'content.level', value: 'off', stdin: false };
    await expect(config.run(host, args, progress)).rejects.toEqual(refused('setting-managed'));
    await expect(config.run(host, args, progress)).rejects.toThrow(host.managed.file);
    const exclude = { action: 'exclude', path: '/home/me/private' };
    await expect(workspaces.run(host, exclude, progress)).rejects.toEqual(refused('setting-managed'));
    expect(settingsInForce(host)).toEqual(DEFAULT_SETTINGS);
    expect(withoutManaged(host, { 'content.level': 'redacted', 'hooks.mode': 'both' })).toEqual({
      'hooks.mode': 'both',
    });
    expect(() => withoutManaged(host, { 'content.level': 'full' })).toThrow(refused('setting-managed'));
  });

  test('is shown as such', async () => {
    const host = given({ 'portal.url': 'https://org.example' });
    const { output, json } = await config.run(host, { action: 'get', stdin: false }, progress);
    expect(output).toContain(`portal.url = "https://org.example"  (managed: ${host.managed.file})`);
    expect(json?.managed).toEqual(['portal.url']);
  });
});

describe('the file of what is laid down', () => {
  const ignored = (why: RegExp) => ({ is: 'ignored', why: expect.stringMatching(why) });

  test('is ignored when its user could have written it: by mode, by folder, by link, by owner', () => {
    const host = given({ 'content.level': 'off' });
    const { file } = host.managed;
    chmodSync(file, 0o664);
    expect(readManaged(host)).toEqual(ignored(/^it can be written by others/));
    chmodSync(file, 0o644);
    chmodSync(path.dirname(file), 0o777);
    expect(readManaged(host)).toEqual(ignored(/^its folder can be written by others/));
    chmodSync(path.dirname(file), 0o755);
    expect(readManaged(host)).toMatchObject({ is: 'in-force' });
    expect(readManaged({ ...host, managed: { file, owner: 4711 } })).toEqual(
      ignored(/^it belongs to user \d+, not to user 4711/),
    );
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
    expect(readManaged(host)).toEqual(ignored(/^it cannot be opened/));
    rmSync(file);
    mkdirSync(file);
    expect(readManaged(host)).toEqual(ignored(/^it is no regular file/));
    expect(settingsInForce(host)).toEqual(DEFAULT_SETTINGS);
  });

  test.each([
    ['half an object', '{"content.level": "o'],
    ['a list', '[]'],
    ['a setting nobody knows', '{"content.levle": "off"}'],
    ['a value that does not fit', '{"content.level": "some"}'],
    ['an autostart that is none', '{"service.autostart": "yes"}'],
    ['an autostart that is off', '{"service.autostart": false}'],
  ])('that holds %s is refused by its path, and nothing goes on without it', (_, text) => {
    const host = given(text);
    expect(() => settingsInForce(host)).toThrow(refused('config-invalid'));
    expect(() => settingsInForce(host)).toThrow(host.managed.file);
    expect(managedNames(host)).toEqual([]);
  });

  test('of any content gives settings that fit, or a failure, and nothing else', () => {
    const host = given({});
    const name = fc.oneof(fc.constantFrom(...SETTING_NAMES, 'service.autostart', '__proto__'), fc.string());
    const object = fc.dictionary(name, fc.oneof(fc.constantFrom('full', true, '/a'), fc.jsonValue()));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          object.map((each) => JSON.stringify(each)),
        ),
        (text) => {
          writeFileSync(host.managed.file, text);
          try {
            expect(Object.keys(settingsInForce(host)).sort()).toEqual([...SETTING_NAMES].sort());
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
      runs(200),
    );
  });

  test('is in a place that only administrators write, whatever the environment says', () => {
    expect(managedPlace('linux')).toEqual({ file: '/etc/capsule-kiro/managed.json', owner: 0 });
    expect(managedPlace('darwin')).toEqual({
      file: '/Library/Application Support/Capsule Kiro/managed.json',
      owner: 0,
    });
    expect(managedPlace('win32')).toEqual({ file: 'C:\\Program Files\\Capsule Kiro\\managed.json', owner: null });
  });
});

describe('a daemon that is running', () => {
  test('heeds a change with the next event, and keeps to what was laid down while the file is broken', () => {
    const host = given({ 'content.level': 'metadata' });
    const around = captureSurroundings(host, DEVICE, NO_MEMORY);
    const level = () => around.context().levelFor('/work', 'ide-1.x');
    expect(level()).toBe('metadata');
    expect(around.isStale()).toBe(false);
    writeFileSync(host.managed.file, '{"content.level": "fu');
    expect(level()).toBe('metadata');
    writeFileSync(host.managed.file, '{"content.level": "full"}');
    expect(level()).toBe('full');
    expect(around.isStale()).toBe(true);
    around.refresh();
    expect(around.isStale()).toBe(false);
    rmSync(host.managed.file);
    expect(level()).toBe('redacted');
  });
});

describe('the check settings.managed', () => {
  const look = (host: Host) => settingsManaged.run(host, gatherFacts(host));

  test('passes with what is laid down, fails for a file that is ignored or broken, and is skipped without one', () => {
    expect(look(given({ 'content.level': 'full', 'service.autostart': true }))).toMatchObject({
      status: 'pass',
      evidence: [expect.stringMatching(/content\.level.*service\.autostart/)],
    });
    const loose = given({ 'content.level': 'full' });
    chmodSync(loose.managed.file, 0o666);
    expect(look(loose)).toMatchObject({ status: 'fail', evidence: [expect.stringContaining('is ignored')] });
    expect(look(given('{'))).toMatchObject({ status: 'fail' });
    expect(look(tempHost())).toMatchObject({ status: 'skip' });
  });

  test('warns when this device is enrolled elsewhere than is laid down', () => {
    const host = given({ 'portal.url': 'https://org.example' });
    const credential = {
      portal: 'https://old.example',
      org: 'o',
      deviceId: 'd',
      token: 'x.y.z',
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2030-01-01T00:00:00.000Z',
      renewAfter: '2029-01-01T00:00:00.000Z',
    };
    writeFileSync(host.own.credential, JSON.stringify(credential), { mode: 0o600 });
    expect(look(host)).toMatchObject({
      status: 'warn',
      evidence: ['enrolled at https://old.example, not at https://org.example'],
    });
  });
});
