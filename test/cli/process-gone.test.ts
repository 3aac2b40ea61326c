import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { isGone } from '../../src/cli/process-gone.ts';
import { until } from '../helpers/machine.ts';

test('a process that runs is there, and one that never was is not', () => {
  expect(isGone(process.pid)).toBe(false);
  expect(isGone(2 ** 22 + 1)).toBe(true);
});

const linux = process.platform === 'linux' ? test : test.skip;
linux('a dead process that its parent does not take away is gone (skipped where there is no /proc)', async () => {
  // The shell becomes a program that never asks for its children.
  const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text))),
    );
    await until(async () => isGone(pid), 'it is gone');
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    parent.kill('SIGKILL');
  }
});
