import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findSessionFolder, findSessionFolders } from '../../src/kiro/session-folders-1x.ts';
import { tempFolder } from '../helpers/temp-home.ts';

function given(sessions: Record<string, string | null>): string {
  const root = tempFolder();
  for (const [place, records] of Object.entries(sessions)) {
    mkdirSync(path.join(root, place), { recursive: true });
    if (records !== null) writeFileSync(path.join(root, place, 'messages.jsonl'), records);
  }
  return root;
}

const ids = async (root: string) => (await findSessionFolders(root, () => {})).map((folder) => folder.id).toSorted();

describe('finding sessions', () => {
  test('takes any bucket and any form of id, but not the flat CLI store', async () => {
    const bare = '11111111-1111-4111-8111-111111111111';
    const root = given({ 'abc/sess_1': 'x', [`abc/${bare}`]: 'x', '_global/cli_1_2': null, 'cli/sess_2': 'x' });
    expect(await ids(root)).toEqual([bare, 'cli_1_2', 'sess_1']);
    expect(await findSessionFolder(root, 'sess_2')).toBeNull();
  });

  test('takes the one with most records when a session is in several buckets', async () => {
    const root = given({ 'a/sess_1': null, 'b/sess_1': 'records', 'c/sess_1': 'r' });
    const full = {
      id: 'sess_1',
      path: path.join(root, 'b', 'sess_1'),
      messages: path.join(root, 'b', 'sess_1', 'messages.jsonl'),
    };
    expect(await findSessionFolders(root, () => {})).toEqual([full]);
    expect(await findSessionFolder(root, 'sess_1')).toEqual(full);
  });

  test('follows no symbolic link', async () => {
    const root = given({ 'a/sess_1': 'x' });
    const elsewhere = given({ 'b/sess_2': 'x' });
    symlinkSync(path.join(elsewhere, 'b'), path.join(root, 'b'));
    symlinkSync(path.join(elsewhere, 'b', 'sess_2'), path.join(root, 'a', 'sess_2'));
    expect(await ids(root)).toEqual(['sess_1']);
    expect(await findSessionFolder(root, 'sess_3')).toBeNull();
  });

  test.each(['..', '.', '', 'a/b', '../a/sess_1', 'a\\b', 'sess_1\0', 'x'.repeat(201), '.hidden'])(
    'asks for no folder by the name %j',
    async (id) => expect(await findSessionFolder(given({ 'a/sess_1': 'x' }), id)).toBeNull(),
  );

  test('finds nothing where there is nothing', async () => {
    expect(await findSessionFolders('/nowhere/at/all', () => {})).toEqual([]);
    expect(await findSessionFolder('/nowhere/at/all', 'sess_1')).toBeNull();
  });
});
