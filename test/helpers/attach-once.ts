/**
 * Attaches in a process of its own, as a second `install` would: `node attach-once.ts <home> [n]`. With `n` it is killed when it
 * asks for the time for the n-th time, which it does before each intent and after each change that it records. With `detach`
 * instead it undoes all that.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ownPathsIn } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { attach } from '../../src/kiro/attach.ts';
import { detach } from '../../src/kiro/detach.ts';
import { kiroPaths } from '../../src/kiro/paths.ts';

const home = process.argv[2] ?? '';
const [how] = process.argv.slice(3);
let asksLeft = how === undefined || how === 'detach' ? Number.POSITIVE_INFINITY : Number(how);

function now(): Date {
  asksLeft--;
  if (asksLeft === 0) process.kill(process.pid, 'SIGKILL');
  return new Date();
}

const host = {
  home,
  env: {},
  platform: 'linux',
  user: 'dev',
  own: ownPathsIn(path.join(home, 'own')),
  now,
  managed: { file: '/nonexistent/managed.json', owner: 0 },
  random: Math.random,
  run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  log: silentLog,
} as const;
const paths = kiroPaths(host, DEFAULT_SETTINGS);
const hooks = { user1x: true, workspace0x: true, workspace1x: true, trust: true, reason: 'test' };
mkdirSync(home, { recursive: true });
const folder = path.join(home, 'demo');
const demo = {
  uri: `file://${folder}`,
  path: folder,
  name: 'demo',
  state: 'local',
  reason: null,
  sources: [],
} as const;
const options = {
  paths,
  hooks,
  workspaces: existsSync(folder) ? [{ ...demo, sources: [] }] : [],
  dispatcher: [{ name: 'capsule-dispatch.sh', text: '#!/bin/sh\n# capsule-kiro\n' }],
};
const changes =
  how === 'detach' ? detach(host) : attach(host, { ...options, permission: existsSync(paths.userSettings) });
process.stdout.write(changes.map((change) => change.result).join(' '));
