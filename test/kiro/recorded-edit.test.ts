import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { attach } from '../../src/kiro/attach.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

const HOOKS = { user1x: false, workspace0x: false, workspace1x: false, trust: true, reason: 'test' };

test('an emptied settings file is waited for, and what its writer then writes is what gets edited', () => {
  const { host, paths, settingsFile } = kiroHome('');
  const waits: unknown[] = [];
  // Waiting in one go is a wait for something that never comes (`sleep` in core).
  const wait = jest.spyOn(Atomics, 'wait').mockImplementation((...[, , , ms]: unknown[]) => {
    waits.push(ms);
    writeFileSync(settingsFile, '{ "mine": true }');
    return 'timed-out';
  });
  const changes = attach(host, { paths, hooks: HOOKS, workspaces: [], dispatcher: [] });
  wait.mockRestore();
  expect(changes.map(({ result }) => result)).toEqual(['done']);
  expect(waits).toEqual([500]);
  expect(readFileSync(settingsFile, 'utf8')).toMatch(/^\{ "mine": true, "kiroAgent.trustedCommands": \[/);
});
