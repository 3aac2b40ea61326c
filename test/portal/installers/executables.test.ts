import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { executableName, executablesIn } from '../../../src/portal/installers/executables.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the executables that a portal hands out', () => {
  test('are those in the folder with a name of ours, each with its checksum', async () => {
    const folder = tempFolder();
    writeFileSync(path.join(folder, 'capsule-kiro-linux-x64'), 'one');
    writeFileSync(path.join(folder, 'capsule-kiro-win-x64.exe'), 'two');
    writeFileSync(path.join(folder, 'notes.txt'), 'no executable');
    mkdirSync(path.join(folder, 'capsule-kiro-darwin-x64'));
    expect((await executablesIn(folder).list()).map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }))).toEqual([
      { name: 'capsule-kiro-linux-x64', bytes: 3, sha256: sha256('one') },
      { name: 'capsule-kiro-win-x64.exe', bytes: 3, sha256: sha256('two') },
    ]);
  });

  test('include the portal’s own, unless the folder has one of that name', async () => {
    const folder = tempFolder();
    const own = { name: 'capsule-kiro-linux-x64', file: path.join(folder, 'anything'), version: '0.1.0' };
    writeFileSync(own.file, 'own');
    const executables = executablesIn(folder, own);
    expect((await executables.find('capsule-kiro-linux-x64'))?.sha256).toBe(sha256('own'));
    writeFileSync(path.join(folder, 'capsule-kiro-linux-x64'), 'newer');
    expect((await executables.find('capsule-kiro-linux-x64'))?.sha256).toBe(sha256('newer'));
  });

  test('have the version that is said of these very bytes, and the portal’s own its own', async () => {
    const folder = tempFolder();
    const own = { name: 'capsule-kiro-darwin-x64', file: path.join(folder, 'anything'), version: '0.1.0' };
    for (const name of ['capsule-kiro-linux-x64', 'capsule-kiro-win-x64.exe', 'capsule-kiro-linux-arm64', 'anything'])
      writeFileSync(path.join(folder, name), name);
    const said = {
      'capsule-kiro-linux-x64': { version: '0.2.0', sha256: sha256('capsule-kiro-linux-x64') },
      'capsule-kiro-win-x64.exe': { version: '0.2.0', sha256: sha256('another') },
    };
    const versions = async () => (await executablesIn(folder, own).list()).map(({ name, version }) => [name, version]);
    const unsaid = [
      ['capsule-kiro-darwin-x64', '0.1.0'],
      ['capsule-kiro-linux-arm64', undefined],
      ['capsule-kiro-linux-x64', undefined],
      ['capsule-kiro-win-x64.exe', undefined],
    ];
    expect(await versions()).toEqual(unsaid);
    writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify(said));
    expect(await versions()).toEqual(unsaid.with(2, ['capsule-kiro-linux-x64', '0.2.0']));
    expect((await executablesIn(folder).find('capsule-kiro-linux-x64'))?.version).toBe('0.2.0');
    for (const broken of ['{', '[]', '{"capsule-kiro-linux-x64":{"version":"newest","sha256":""}}']) {
      writeFileSync(path.join(folder, 'VERSIONS.json'), broken);
      expect(await versions()).toEqual(unsaid);
    }
  });

  test('are read again when they have been replaced', async () => {
    const folder = tempFolder();
    const file = path.join(folder, 'capsule-kiro-darwin-arm64');
    const executables = executablesIn(folder);
    writeFileSync(file, 'one');
    expect((await executables.find('capsule-kiro-darwin-arm64'))?.sha256).toBe(sha256('one'));
    writeFileSync(file, 'another');
    expect((await executables.find('capsule-kiro-darwin-arm64'))?.sha256).toBe(sha256('another'));
  });

  test('never lie outside the folder, and a folder that is not there has none', async () => {
    const folder = tempFolder();
    expect(await executablesIn(folder).find('../capsule-kiro-linux-x64')).toBeUndefined();
    expect(await executablesIn(path.join(folder, 'none')).list()).toEqual([]);
  });

  test('are named for system and processor', () => {
    expect(executableName('win32', 'x64')).toBe('capsule-kiro-win-x64.exe');
    expect(executableName('darwin', 'arm64')).toBe('capsule-kiro-darwin-arm64');
  });
});
