import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Progress } from '../../src/cli/command.ts';
import { uninstall } from '../../src/cli/uninstall.ts';
import { systemd } from '../../src/service/systemd.ts';
import { tempHost } from '../helpers/temp-home.ts';

const NOBODY: Progress = {
  say() {},
  show() {},
  tell() {},
  confirm: async () => false,
  screen: () => {
    throw new Error('nobody looks');
  },
  width: null,
  stopped: new Promise(() => {}),
  terminal: false,
};

test('--verify names what still starts the daemon at login', async () => {
  const host = tempHost({ platform: 'linux' });
  const unit = systemd.file(host);
  mkdirSync(path.dirname(unit), { recursive: true });
  writeFileSync(unit, '');
  const args = { purge: false, 'dry-run': false, verify: true, 'restore-snapshot': false };
  const answer = await uninstall.run(host, args, NOBODY);
  expect(answer).toMatchObject({ exitCode: 3, json: { leftovers: [{ file: unit, what: 'start at login: systemd' }] } });
});
