import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { claimFolder } from '../../src/cli/own-folder.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { isRoot } from '../helpers/unprivileged.ts';

const place = () => path.join(tempFolder(), 'deep', 'own');
const modeOf = (folder: string) => statSync(folder).mode & 0o777;

test('a folder that is not there is made, for its owner only', () => {
  const folder = place();
  claimFolder(folder);
  expect(modeOf(folder)).toBe(0o700);
});

test('one that is open to others is closed, and one that is closed stays as it is', () => {
  const folder = place();
  mkdirSync(folder, { recursive: true });
  for (const mode of [0o755, 0o770, 0o701, 0o700]) {
    chmodSync(folder, mode);
    claimFolder(folder);
    expect(modeOf(folder)).toBe(0o700);
  }
});

test('a link to a folder is refused, and neither it nor where it leads is touched', () => {
  const [elsewhere, link] = [tempFolder(), path.join(tempFolder(), 'own')];
  chmodSync(elsewhere, 0o755);
  symlinkSync(elsewhere, link);
  expect(() => claimFolder(link)).toThrow(expect.objectContaining({ code: 'file-not-regular' }));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(modeOf(elsewhere)).toBe(0o755);
});

test('a file in its place is refused', () => {
  const file = path.join(tempFolder(), 'own');
  writeFileSync(file, '');
  expect(() => claimFolder(file)).toThrow(expect.objectContaining({ code: 'file-not-regular' }));
});

(isRoot ? test : test.skip)("another user's folder is refused (skipped unless run as root, who can make one)", () => {
  const folder = place();
  mkdirSync(folder, { recursive: true });
  chownSync(folder, 65534, 65534);
  expect(() => claimFolder(folder)).toThrow(expect.objectContaining({ code: 'file-not-regular' }));
});
