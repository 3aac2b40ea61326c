import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { namesOfHome, withoutHome } from '../../src/cli/without-home.ts';
import { tempFolder } from '../helpers/temp-home.ts';

describe('a text without the home folder', () => {
  test.each([
    ['/home/al/x and /home/al', '~/x and ~'],
    ['/home/alice/x', '/home/alice/x'],
    ['/home/al-2/x', '/home/al-2/x'],
    ['in /home/al.', 'in ~.'],
    ['"file:///home/al/x"', '"file://~/x"'],
  ])('%s becomes %s', (text, expected) => {
    expect(withoutHome(text, namesOfHome('/home/al'))).toBe(expected);
  });

  test('knows it as it stands in JSON and in addresses, too', () => {
    const names = namesOfHome('C:\\Users\\J\u00e4n (x)');
    expect(withoutHome(JSON.stringify('C:\\Users\\J\u00e4n (x)\\a'), names)).toBe('"~\\\\a"');
    expect(withoutHome(`/a ${encodeURI('C:\\Users\\J\u00e4n (x)')}/b`, names)).toBe('/a ~/b');
  });

  test('knows what a link to it leads to', () => {
    const real = tempFolder();
    const link = path.join(tempFolder(), 'home');
    symlinkSync(real, link);
    expect(withoutHome(`${real}/a ${link}/b`, namesOfHome(link))).toBe('~/a ~/b');
  });

  test('is the text itself where the home is the root', () => {
    expect(withoutHome('/a/b', namesOfHome('/'))).toBe('/a/b');
  });
});
