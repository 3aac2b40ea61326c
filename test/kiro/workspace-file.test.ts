import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWorkspaceFile } from '../../src/kiro/workspace-file.ts';

describe('a workspace file', () => {
  test('lists folders by relative and absolute path and by URI, with comments', () => {
    const text =
      '\uFEFF{ // mine\n "folders": [{"path": "demo-app"}, {"path": "../srv/lib", "name": "lib"}, {"path": "/abs"},\n' +
      '{"uri": "vscode-remote://wsl%2Bubuntu/x"}, {"name": "nothing"}, 7,], "settings": {} }';
    expect(parseWorkspaceFile(text, '/home/dev/multi.code-workspace', 'linux')?.map((it) => it.uri)).toEqual([
      'file:///home/dev/demo-app',
      'file:///home/srv/lib',
      'file:///abs',
      'vscode-remote://wsl+ubuntu/x',
    ]);
  });

  test('on Windows has Windows paths', () => {
    const [folder] =
      parseWorkspaceFile('{"folders": [{"path": "demo"}]}', 'c:\\Users\\dev\\m.code-workspace', 'win32') ?? [];
    expect(folder).toMatchObject({ path: 'c:\\Users\\dev\\demo' });
  });

  test('that does not parse, or is something else, is known as such', () => {
    for (const text of ['', '{', '[]', '{"folders": {}}', '{"folders": [}']) {
      expect(parseWorkspaceFile(text, '/m.code-workspace', 'linux')).toBeNull();
    }
  });

  test('of any content never throws', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseWorkspaceFile(`{"folders": [${text}]}`, '/m', 'linux')));
  });
});
