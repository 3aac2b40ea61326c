import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { findBrokenLists } from '../../src/kiro/registry-references.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

function given() {
  const { paths } = kiroHome();
  const user = path.join(paths.userDataDirs[0] ?? '', 'User');
  const place = (name: string, text: string) => {
    const file = path.join(user, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  return { paths, place, global: path.join(user, 'globalStorage') };
}

test('lists that are not there, empty, whole, or that name nothing are not broken', async () => {
  const { paths, place, global } = given();
  expect(await findBrokenLists(paths)).toEqual([]);
  place('workspaceStorage/a/workspace.json', '');
  place('workspaceStorage/b/workspace.json', '{"folder":"file:///w"}');
  place('globalStorage/storage.json', '[]');
  const database = new DatabaseSync(path.join(global, 'state.vscdb'));
  expect(await findBrokenLists(paths)).toEqual([]);
  database.exec('CREATE TABLE ItemTable (key TEXT, value BLOB)');
  database.close();
  expect(await findBrokenLists(paths)).toEqual([]);
});

test('lists that hold garbage are named with what is wrong', async () => {
  const { paths, place } = given();
  const half = place('workspaceStorage/a/workspace.json', '{"folder": "file:///w');
  const storage = place('globalStorage/storage.json', 'not JSON at all');
  const recent = place('globalStorage/state.vscdb', 'this was a database once, and is text now');
  expect(await findBrokenLists(paths)).toEqual([
    { file: half, problem: 'is not JSON' },
    { file: storage, problem: 'is not JSON' },
    { file: recent, problem: 'is no database, or a damaged one' },
  ]);
});
