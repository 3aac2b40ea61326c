import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { kiroHome } from '../helpers/kiro-home.ts';

const HOOKS = { user1x: false, workspace0x: false, workspace1x: false, trust: true, reason: 'test' };

test('an emptied settings file is waited for, and what its writer then writes is what gets edited', async () => {
  const { host, paths, settingsFile } = kiroHome('');
  const waits: number[] = [];
  const real = await import('../../src/core/host.ts');
  jest.unstable_mockModule('../../src/core/host.ts', () => ({
    ...real,
    sleep: (ms: number) => {
      waits.push(ms);
      writeFileSync(settingsFile, '{ "mine": true }');
    },
  }));
  const { attach } = await import('../../src/kiro/attach.ts');
  const changes = attach(host, { paths, hooks: HOOKS, workspaces: [], dispatcher: [] });
  expect(changes.map(({ result }) => result)).toEqual(['done']);
  expect(waits).toEqual([500]);
  expect(readFileSync(settingsFile, 'utf8')).toMatch(/^\{ "mine": true, "kiroAgent.trustedCommands": \[/);
});
