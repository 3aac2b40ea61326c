import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findSubExecutions, findToolOutputs, outputOf, unknownFiles } from '../../src/kiro/session-files-1x.ts';
import { tempFolder } from '../helpers/temp-home.ts';

function givenFiles(names: string[]): string {
  const folder = tempFolder();
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), 'x');
  }
  return folder;
}

describe('the files of a session', () => {
  test('are known, but for those of a newer Kiro, each kind once', async () => {
    const known = ['session.json', 'session.json.tmp', 'messages.jsonl', 'publish.cursor', 'snapshots/a/b.ts'];
    expect(await unknownFiles(givenFiles(known))).toEqual([]);
    const newer = ['index-1.db', 'index-22.db', 'plan.md', '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.bin'];
    expect(await unknownFiles(givenFiles([...known, ...newer]))).toEqual(['*.bin', 'index-*.db', 'plan.md']);
    const many = Array.from({ length: 20 }, (_, n) => `${String.fromCharCode(103 + n)}${'y'.repeat(100)}`);
    const told = await unknownFiles(givenFiles(many));
    expect(told).toHaveLength(8);
    expect(told[0]).toHaveLength(64);
    expect(await unknownFiles(path.join(tempFolder(), 'gone'))).toEqual([]);
  });

  test('of sub-agents come with the latest last, and no link among them', async () => {
    const folder = givenFiles(['sub-executions/b.jsonl', 'sub-executions/a.jsonl', 'sub-executions/c.txt']);
    utimesSync(path.join(folder, 'sub-executions', 'b.jsonl'), 2, 2);
    utimesSync(path.join(folder, 'sub-executions', 'a.jsonl'), 1, 1);
    symlinkSync(path.join(folder, 'sub-executions', 'a.jsonl'), path.join(folder, 'sub-executions', 'd.jsonl'));
    expect(await findSubExecutions(folder)).toMatchObject([
      { id: 'a', size: 1, writtenMs: 1000 },
      { id: 'b', size: 1, writtenMs: 2000 },
    ]);
    expect(await findSubExecutions(tempFolder())).toEqual([]);
  });

  test('with outputs belong to the call that their name begins with', async () => {
    const outputs = await findToolOutputs(
      givenFiles(['tool-outputs/t_1-00000000.txt', 'tool-outputs/t_11-a1b2c3d4.txt']),
    );
    expect(path.basename(outputOf('t_11', outputs) ?? '')).toBe('t_11-a1b2c3d4.txt');
    expect(outputOf('t_', outputs)).toBeUndefined();
    expect(outputOf('', outputs)).toBeUndefined();
  });

  test('behind a folder that is a link are none', async () => {
    const real = givenFiles(['sub-executions/a.jsonl', 'tool-outputs/t-00000000.txt']);
    const folder = tempFolder();
    for (const name of ['sub-executions', 'tool-outputs']) symlinkSync(path.join(real, name), path.join(folder, name));
    expect([await findSubExecutions(folder), await findToolOutputs(folder)]).toEqual([[], []]);
  });
});
