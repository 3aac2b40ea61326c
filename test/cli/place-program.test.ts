import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkDowngrade, placedVersion, placeProgram } from '../../src/cli/place-program.ts';
import { ownProgram } from '../../src/cli/program.ts';
import { ownVersion } from '../../src/core/assets.ts';
import { ownPathsIn } from '../../src/core/host.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const given = (platform: 'linux' | 'win32') => ({ platform, own: ownPathsIn(tempFolder(), platform) });

function executable(text: string, place = path.join(tempFolder(), 'renamed program')): { file: string; copy: true } {
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
  chmodSync(place, 0o555);
  return { file: place, copy: true };
}

describe('from a checkout', () => {
  test('a link leads to the program, and is left when it does already', () => {
    const host = given('linux');
    expect(placeProgram(host)).toBe('placed');
    const { ino } = lstatSync(host.own.program);
    expect(placeProgram(host)).toBe('same');
    expect([readlinkSync(host.own.program), lstatSync(host.own.program).ino]).toEqual([ownProgram(), ino]);
  });
});

describe.each(['linux', 'win32'] as const)('an executable on %s', (platform) => {
  test('lies in our own folder, for its owner alone, and nothing else beside it', () => {
    const host = given(platform);
    const source = executable('one');
    expect(placeProgram(host, source)).toBe('placed');
    expect(readFileSync(host.own.program, 'utf8')).toBe('one');
    expect(statSync(host.own.program).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.dirname(host.own.program))).toEqual([path.basename(host.own.program)]);
  });

  test('is left as it is when it is the same, wherever that one lies', () => {
    const host = given(platform);
    placeProgram(host, executable('one'));
    const { ino, mtimeMs } = statSync(host.own.program);
    expect(placeProgram(host, executable('one'))).toBe('same');
    expect(placeProgram(host, { file: host.own.program, copy: true })).toBe('same');
    expect(statSync(host.own.program)).toMatchObject({ ino, mtimeMs });
  });

  test('takes the place of another in one step: who runs the other keeps what they have', () => {
    const host = given(platform);
    placeProgram(host, executable('one'));
    const { ino } = statSync(host.own.program);
    expect(placeProgram(host, executable('another'))).toBe('replaced');
    expect(readFileSync(host.own.program, 'utf8')).toBe('another');
    expect(statSync(host.own.program).ino).not.toBe(ino);
    expect(readdirSync(path.dirname(host.own.program))).toHaveLength(1);
  });

  test('takes the place of a link, and leaves what that leads to alone', () => {
    const host = given(platform);
    const source = executable('one');
    mkdirSync(path.dirname(host.own.program), { recursive: true });
    symlinkSync(source.file, host.own.program);
    expect(placeProgram(host, source)).toBe('replaced');
    expect(lstatSync(host.own.program).isFile()).toBe(true);
    expect(readFileSync(source.file, 'utf8')).toBe('one');
  });

  test('that is not there changes nothing', () => {
    const host = given(platform);
    placeProgram(host, executable('one'));
    expect(() => placeProgram(host, { file: path.join(tempFolder(), 'none'), copy: true })).toThrow(
      expect.objectContaining({ code: 'file-unwritable' }),
    );
    expect(readFileSync(host.own.program, 'utf8')).toBe('one');
    expect(readdirSync(path.dirname(host.own.program))).toHaveLength(1);
  });
});

describe('the version that is installed', () => {
  const says = (stdout: string, exitCode = 0) => {
    const host = tempHost({ run: async () => ({ exitCode, stdout, stderr: '' }) });
    placeProgram(host, executable('any'));
    return host;
  };

  test('is what the program itself says, and unknown when it does not start or says something else', async () => {
    expect(await placedVersion(says('1.2.3\n'))).toBe('1.2.3');
    expect(await placedVersion(says('1.2.3\n', 1))).toBeNull();
    expect(await placedVersion(says('Hello\n'))).toBeNull();
    expect(await placedVersion(tempHost())).toBeNull();
  });

  test('may be replaced by a newer one, and by an older one only when that is asked for', async () => {
    expect(await checkDowngrade(says('0.0.1'), false)).toBe('0.0.1');
    expect(await checkDowngrade(says(ownVersion()), false)).toBe(ownVersion());
    expect(await checkDowngrade(says('', 1), false)).toBeNull();
    await expect(checkDowngrade(says('9.9.9'), false)).rejects.toMatchObject({ code: 'downgrade-refused' });
    expect(await checkDowngrade(says('9.9.9'), true)).toBe('9.9.9');
  });
});
