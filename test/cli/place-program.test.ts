import { lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { placeProgram } from '../../src/cli/place-program.ts';
import { ownProgram } from '../../src/cli/program.ts';
import { ownPathsIn } from '../../src/core/host.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const given = (platform: 'linux' | 'win32') => ({ platform, own: ownPathsIn(tempFolder(), platform) });

test('a link leads to the program, and is left when it does already', () => {
  const host = given('linux');
  placeProgram(host);
  const { ino } = lstatSync(host.own.program);
  placeProgram(host);
  expect([readlinkSync(host.own.program), lstatSync(host.own.program).ino]).toEqual([ownProgram(), ino]);
});

describe('on Windows, where users may make no links', () => {
  test('the program is copied to a name that ends in .exe, once', () => {
    const host = given('win32');
    placeProgram(host);
    expect(host.own.program).toMatch(/capsule-kiro\.exe$/);
    expect(lstatSync(host.own.program).isFile()).toBe(true);
    expect(readFileSync(host.own.program)).toEqual(readFileSync(ownProgram()));
    const { mtimeMs } = statSync(host.own.program);
    placeProgram(host);
    expect(statSync(host.own.program).mtimeMs).toBe(mtimeMs);
  });

  test('another program under that name gives way', () => {
    const host = given('win32');
    placeProgram(host);
    const { program } = host.own;
    mkdirSync(`${program}.d`);
    writeFileSync(`${program}.d/old`, 'old');
    placeProgram({ ...host, own: { ...host.own, program: `${program}.d/old` } });
    expect(readFileSync(`${program}.d/old`)).toEqual(readFileSync(ownProgram()));
  });
});
