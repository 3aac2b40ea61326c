import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import { type Host, ownPathsIn } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder that goes away after the test. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'capsule-test-')));
  made.push(folder);
  return folder;
}

/** A host whose home is a fresh folder; time stands still and chance is fixed unless given. */
export function tempHost(given: Partial<Host> = {}): Host {
  const home = path.join(given.home ?? tempFolder(), 'home');
  mkdirSync(home, { recursive: true });
  return {
    env: { HOME: home, PATH: '/usr/bin:/bin' },
    platform: 'linux',
    user: 'dev',
    own: ownPathsIn(path.join(home, '.local', 'share', 'capsule-kiro')),
    managed: { file: path.join(home, '..', 'managed', 'managed.json'), owner: process.getuid?.() ?? null },
    now: () => new Date('2026-09-03T12:00:00.000Z'),
    random: () => 0.5,
    run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
    log: silentLog,
    ...given,
    home,
  };
}
