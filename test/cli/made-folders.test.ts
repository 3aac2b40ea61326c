import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeForeignFolder, removeMadeFolders } from '../../src/cli/made-folders.ts';
import { tempHost } from '../helpers/temp-home.ts';

function given() {
  const { home, own } = tempHost();
  mkdirSync(home, { recursive: true });
  const config = path.join(home, '.config');
  return { own, config, units: path.join(config, 'systemd', 'user'), note: path.join(own.home, 'autostart') };
}

test('what was made is taken away again, and what was there before stays', () => {
  const { own, config, units } = given();
  mkdirSync(config);
  makeForeignFolder(own, units);
  makeForeignFolder(own, units);
  expect(existsSync(units)).toBe(true);
  removeMadeFolders(own);
  expect(existsSync(path.join(config, 'systemd'))).toBe(false);
  expect(existsSync(config)).toBe(true);
});

test('a folder in which somebody else has put something stays, with those above it', () => {
  const { own, config, units } = given();
  makeForeignFolder(own, units);
  writeFileSync(path.join(config, 'systemd', 'other.conf'), '');
  removeMadeFolders(own);
  expect(existsSync(units)).toBe(false);
  expect(existsSync(path.join(config, 'systemd', 'other.conf'))).toBe(true);
});

test('a note that was broken by hand removes nothing', () => {
  for (const text of ['', '{"a":1}', '["relative"]', '[7]']) {
    const { own, units, note } = given();
    makeForeignFolder(own, units);
    writeFileSync(path.join(note, 'made-folders.json'), text);
    removeMadeFolders(own);
    expect(existsSync(units)).toBe(true);
  }
});

test('nothing was made, nothing is removed', () => {
  const { own, config, note } = given();
  mkdirSync(config);
  makeForeignFolder(own, config);
  expect(existsSync(note)).toBe(false);
  removeMadeFolders(own);
  expect(existsSync(config)).toBe(true);
});
