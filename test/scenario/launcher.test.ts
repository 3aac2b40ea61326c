import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { PROGRAM } from '../helpers/machine.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const version = () => execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }).trim();

test('the program starts through links, also relative and chained ones, from another folder', () => {
  const folder = tempFolder();
  mkdirSync(path.join(folder, 'my bin'));
  symlinkSync(PROGRAM, path.join(folder, 'my bin', 'first'));
  symlinkSync('my bin/first', path.join(folder, 'second'));
  expect(execFileSync(path.join(folder, 'second'), ['--version'], { cwd: '/', encoding: 'utf8' }).trim()).toBe(
    version(),
  );
  expect(execFileSync('./second', ['--version'], { cwd: folder, encoding: 'utf8' }).trim()).toBe(version());
});

test('the program starts by its name on PATH, without any other Node on PATH', () => {
  const folder = tempFolder();
  symlinkSync(PROGRAM, path.join(folder, 'capsule-kiro'));
  const ran = spawnSync('capsule-kiro', ['--version'], { env: { PATH: `${folder}:/usr/bin:/bin` }, encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stdout: `${version()}\n`, stderr: '' });
});

test('a wrong command is exit code 2, on standard error, with what to do', () => {
  const ran = spawnSync(PROGRAM, ['instal'], { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toMatch(/There is no command called instal\n.*capsule-kiro --help/);
});
