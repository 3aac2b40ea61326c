import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ownVersion, readAsset, readTextAsset } from '../../src/core/assets.ts';

const TOP = path.join(import.meta.dirname, '..', '..');

test('every installer asset is read as it stands in the repository', () => {
  const files = readdirSync(path.join(TOP, 'installer-assets'), { recursive: true, withFileTypes: true });
  const names = files.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(readAsset(path.relative(TOP, name)).compare(readFileSync(name))).toBe(0);
});

test('a text comes whole, with its letters outside ASCII', () => {
  expect(readTextAsset('package.json')).toBe(readFileSync(path.join(TOP, 'package.json'), 'utf8'));
});

test('the version is the one in package.json', () => {
  expect(ownVersion()).toBe(JSON.parse(readFileSync(path.join(TOP, 'package.json'), 'utf8')).version);
});

test.each([
  ['installer-assets/none.sh', /Install capsule-kiro again/],
  ['dist/page/none.js', /npm run prepare/],
])('%s, which is missing, is named with what to do', (name, hint) => {
  expect(() => readAsset(name)).toThrow(
    expect.objectContaining({
      code: 'asset-missing',
      message: expect.stringContaining(name),
      hint: expect.stringMatching(hint),
    }),
  );
});
