import { existsSync } from 'node:fs';
import path from 'node:path';
import type { KiroPaths } from '../../../kiro/paths.ts';
import { type Check, found, passed, skipped } from '../check.ts';
import { makeReadable, unreadable } from '../unreadable.ts';

export const sessionsReadable: Check = {
  id: 'sessions.readable',
  title: 'what Kiro records of its sessions can be read',
  why: "Every event comes from Kiro's own record; what cannot be read cannot be told.",
  remedy: 'Make the folders yours and readable again.',
  needs: ['settings.valid'],
  async run({ home }, facts) {
    const { paths } = await facts.around();
    const stores = storesOf(paths).filter((store) => existsSync(store));
    const look = await facts.daemon();
    const problems = look.is === 'up' ? look.state.capture.problems : [];
    const closed = unreadable(stores);
    const amiss = [...closed.map((store) => `${store} cannot be read`), ...problems];
    if (amiss.length > 0) return found('fail', stores, amiss, makeReadable(closed.length > 0 ? closed : stores, home));
    return stores.length === 0 ? skipped('Kiro has recorded no session so far') : passed(stores);
  },
};

function storesOf({ sessions, userDataDirs, cliSessions, cliDatabases }: KiroPaths): string[] {
  const of0x = userDataDirs.map((folder) => path.join(folder, 'User', 'globalStorage', 'kiro.kiroagent'));
  return [sessions, ...of0x, ...cliSessions, ...cliDatabases];
}
