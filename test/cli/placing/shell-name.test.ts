import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { removeMadeFolders } from '../../../src/cli/made-folders.ts';
import { placeProgram } from '../../../src/cli/place-program.ts';
import { commandName, nameCommands, placeShellLink, removeShellLink } from '../../../src/cli/placing/shell-name.ts';
import type { Host } from '../../../src/core/host.ts';
import { tempHost } from '../../helpers/temp-home.ts';

function given({ folder = true, onPath = false, platform = 'linux' as Host['platform'] } = {}) {
  const bare = tempHost({ platform });
  const bin = path.join(bare.home, '.local', 'bin');
  if (folder) mkdirSync(bin, { recursive: true });
  const host: Host = { ...bare, env: { HOME: bare.home, PATH: onPath ? `/nowhere:${bin}` : '/nowhere' } };
  placeProgram({ ...host, platform: 'linux' });
  return { host, bin, link: path.join(bin, 'capsule-kiro') };
}

describe('the name in the shell', () => {
  test('is a link in ~/.local/bin where that is there, and goes again', () => {
    const { host, bin, link } = given();
    placeShellLink(host);
    placeShellLink(host);
    expect(readlinkSync(link)).toBe(host.own.program);
    removeShellLink(host);
    removeMadeFolders(host.own);
    expect([lstatSync(link, { throwIfNoEntry: false }), existsSync(bin)]).toEqual([undefined, true]);
  });

  test('has its folder made where the PATH names it, and that goes with it', () => {
    const { host, bin, link } = given({ folder: false, onPath: true });
    placeShellLink(host);
    expect(readlinkSync(link)).toBe(host.own.program);
    removeShellLink(host);
    removeMadeFolders(host.own);
    expect(existsSync(bin)).toBe(false);
  });

  test.each([
    ['where ~/.local/bin is neither there nor on the PATH', { folder: false }],
    ['on Windows', { platform: 'win32' as const }],
  ])('is not made %s', (_, options) => {
    const { host, link } = given(options);
    placeShellLink(host);
    expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('is never put over something, nor taken when it became something else', () => {
    const { host, link } = given();
    writeFileSync(link, 'mine');
    placeShellLink(host);
    removeShellLink(host);
    expect(lstatSync(link).isFile()).toBe(true);

    const other = given();
    placeShellLink(other.host);
    rmSync(other.link);
    symlinkSync('/somewhere/else', other.link);
    removeShellLink(other.host);
    expect(readlinkSync(other.link)).toBe('/somewhere/else');
  });

  test('stays when its user made the very same link before us', () => {
    const { host, link } = given();
    symlinkSync(host.own.program, link);
    placeShellLink(host);
    removeShellLink(host);
    expect(readlinkSync(link)).toBe(host.own.program);
  });
});

describe('what a person is told to type', () => {
  test('is the name alone where the shell finds our program by it', () => {
    const { host } = given({ onPath: true });
    placeShellLink(host);
    expect(commandName(host)).toBe('capsule-kiro');
  });

  test('is a path where the shell finds nothing, or another program of that name first', () => {
    const { host } = given({ folder: false });
    expect(commandName(host)).toBe('~/.local/share/capsule-kiro/bin/capsule-kiro');
    const linked = given();
    placeShellLink(linked.host);
    expect(commandName(linked.host)).toBe('~/.local/bin/capsule-kiro');
    const shadowed = given({ onPath: true });
    placeShellLink(shadowed.host);
    const first = path.join(shadowed.host.home, 'first');
    mkdirSync(first);
    writeFileSync(path.join(first, 'capsule-kiro'), '');
    const env = { ...shadowed.host.env, PATH: `${first}:${shadowed.host.env.PATH}` };
    expect(commandName({ ...shadowed.host, env })).toBe('~/.local/bin/capsule-kiro');
  });

  test('is the whole path on Windows', () => {
    const { host } = given({ platform: 'win32', folder: false });
    const own = { ...host.own, program: 'C:\\Users\\A B\\capsule-kiro\\bin\\capsule-kiro.exe' };
    expect(commandName({ ...host, own })).toBe(`"${own.program}"`);
  });

  test('stands in place of every command of ours in a text, and of nothing else', () => {
    const text = 'See: capsule-kiro status, or ~/bin/capsule-kiro run. capsule-kiro is here; my-capsule-kiro x';
    expect(nameCommands(text, '~/b/capsule-kiro', ['status', 'run'])).toBe(
      'See: ~/b/capsule-kiro status, or ~/bin/capsule-kiro run. capsule-kiro is here; my-capsule-kiro x',
    );
  });
});
