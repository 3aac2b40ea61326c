import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as lists from '../../src/kiro/registry-lists.ts';

const all = Object.entries({
  'workspace.json': lists.referencesInWorkspaceJson,
  'storage.json': lists.referencesInStorageJson,
  'the recent list': lists.referencesInRecentList,
  'session.json': lists.referencesInSession1x,
  'sessions.json': lists.referencesInSessions0x,
});

for (const [name, read] of all) {
  test(`${name} that is empty, half written or garbage names nothing`, () => {
    for (const text of ['', '{', '{"folder": "fi', 'null', '[]', '7', '"x"', '{"folder": 7}', '\0\0'])
      expect(read(text)).toEqual([]);
  });

  test(`${name} of any content never throws`, () => {
    const keys = fc.constantFrom(
      'folder',
      'workspace',
      'backupWorkspaces',
      'folders',
      'windowsState',
      'openedWindows',
      'entries',
      'workspacePaths',
      'configURIPath',
    );
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    })).tree;
    fc.assert(fc.property(value, (it) => void read(JSON.stringify(it) ?? '')));
  });
}

test('one odd entry does not hide the others', () => {
  const text =
    '{"backupWorkspaces": {"folders": [7, {"folderUri": "file:///a"}], "workspaces": "odd"}, "windowsState": 1}';
  expect(lists.referencesInStorageJson(text)).toEqual([{ what: 'folder', by: 'uri', text: 'file:///a' }]);
});
