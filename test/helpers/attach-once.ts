/** Attaches in a process of its own, as a second `install` would: `node attach-once.ts <home>`. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ownPathsIn } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { attach } from '../../src/kiro/attach.ts';
import { kiroPaths } from '../../src/kiro/paths.ts';

const home = process.argv[2] ?? '';
const host = {
  home,
  env: {},
  platform: 'linux',
  user: 'dev',
  own: ownPathsIn(path.join(home, 'own')),
  now: () => new Date(),
  random: Math.random,
  run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  log: silentLog,
} as const;
const paths = kiroPaths(host, DEFAULT_SETTINGS);
const hooks = { user1x: true, workspace0x: true, workspace1x: true, trust: true, reason: 'test' };
mkdirSync(home, { recursive: true });
const changes = attach(host, {
  paths,
  hooks,
  workspaces: [],
  dispatcher: [{ name: 'capsule-dispatch.sh', text: '#!/bin/sh\n# capsule-kiro\n' }],
});
process.stdout.write(changes.map((change) => change.result).join(' '));
