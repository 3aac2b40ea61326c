import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { aMachine, longRunning, PROGRAM } from '../helpers/machine.ts';

test('demo --once checks that every fact arrives exactly once, cleans up and exits 0', () => {
  const ran = spawnSync(PROGRAM, ['demo', '--once', '--json'], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  const answer = JSON.parse(ran.stdout) as {
    passed: boolean;
    facts: number;
    folder: string;
    turns: { missing: string[]; surplus: string[] }[];
  };
  expect(answer).toMatchObject({ schemaVersion: 1, passed: true, facts: 71 });
  expect(answer.turns).toHaveLength(6);
  for (const turn of answer.turns) expect(turn).toMatchObject({ missing: [], surplus: [] });
  expect(existsSync(answer.folder)).toBe(false);
});

test('demo plays to its end at the pace of somebody who watches, prints a link, and is gone after Ctrl+C', async () => {
  const running = longRunning(aMachine(), ['demo']);
  await running.said(/sign-in#link=/);
  await running.said(/All \d+ facts of \d+ turns arrived exactly once/, 80_000);
  const home = /Installed into (.+):/.exec((await running.stop()).stdout)?.[1] ?? '';
  expect(home).not.toBe('');
  expect(existsSync(home)).toBe(false);
});
