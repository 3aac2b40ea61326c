import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { locatePath, parseUri } from '../../src/kiro/workspace-uri.ts';

describe('a URI', () => {
  test('of a local folder is decoded', () => {
    expect(parseUri('file:///home/dev/My%20Project', 'linux')).toEqual({
      kind: 'local',
      uri: 'file:///home/dev/My%20Project',
      path: '/home/dev/My Project',
    });
  });

  test('of a Windows folder becomes a path with a small drive letter, however it was written', () => {
    const wanted = { kind: 'local', uri: 'file:///c%3A/Users/dev/demo', path: 'c:\\Users\\dev\\demo' };
    for (const uri of ['file:///c%3A/Users/dev/demo', 'file:///C:/Users/dev/demo/'])
      expect(parseUri(uri, 'win32')).toEqual(wanted);
    for (const path of ['c:\\Users\\dev\\demo', 'C:/Users/dev/demo', 'C:\\Users\\dev\\.\\demo\\']) {
      expect(locatePath(path, 'win32')).toEqual(wanted);
    }
  });

  test('of a network share is remote', () => {
    const wanted = { kind: 'remote', uri: 'file://server/share/proj', name: 'proj' };
    expect(parseUri('file://server/share/proj', 'win32')).toMatchObject(wanted);
    expect(parseUri('file://server/share/proj', 'linux')).toMatchObject(wanted);
    expect(locatePath('\\\\server\\share\\proj', 'win32')).toMatchObject(wanted);
  });

  test('of another machine is remote, with the machine in the reason', () => {
    expect(parseUri('vscode-remote://wsl%2Bubuntu/home/dev/wsl-app', 'linux')).toEqual({
      kind: 'remote',
      uri: 'vscode-remote://wsl+ubuntu/home/dev/wsl-app',
      name: 'wsl-app',
      reason: 'on wsl+ubuntu; install capsule-kiro there',
    });
    expect(parseUri('vscode-remote://ssh-remote%2Bdevbox', 'linux')).toMatchObject({
      kind: 'remote',
      name: 'ssh-remote+devbox',
    });
  });

  test('of a virtual file system is remote', () => {
    expect(parseUri('vscode-vfs://github/a/b', 'linux')).toMatchObject({
      kind: 'remote',
      reason: 'not a folder on a disk (vscode-vfs)',
    });
  });

  test('keeps line breaks, emoji and right-to-left text in names', () => {
    expect(parseUri('file:///a%0Ab/%F0%9F%8E%89/%D7%A9', 'linux')).toMatchObject({ path: '/a\nb/🎉/ש' });
  });

  for (const text of ['', 'demo', 'file:///%', 'file:///%ff', 'c:\\Users', 'file:///a%00b']) {
    test(`that is none is left out: ${JSON.stringify(text)}`, () => {
      expect(parseUri(text, 'linux')).toBeNull();
    });
  }

  test('another system has no path here', () => {
    expect(locatePath('c:\\Users\\dev', 'linux')).toBeNull();
    expect(locatePath('demo', 'linux')).toBeNull();
    expect(locatePath('/home/../root', 'linux')).toMatchObject({ path: '/root' });
  });

  test('of any path leads back to that path', () => {
    const step = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((it) => !/[/\0]/.test(it) && it !== '.' && it !== '..');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), (steps) => {
        const path = `/${steps.join('/')}`;
        const location = locatePath(path, 'linux');
        expect(location).toMatchObject({ kind: 'local', path });
        expect(parseUri(location?.uri ?? '', 'linux')).toEqual(location);
      }),
    );
  });

  test('of any text never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((it) => `file://${it}`),
        ),
        fc.constantFrom('linux', 'darwin', 'win32'),
        (text, platform) => {
          parseUri(text, platform);
          locatePath(text, platform);
        },
      ),
    );
  });
});
