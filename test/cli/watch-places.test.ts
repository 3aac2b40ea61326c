import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { FolderWatches, type Watching } from '../../src/cli/folder-watches.ts';
import { andAgain, watchKiro, watchOwn } from '../../src/cli/watch-places.ts';
import { bell } from '../helpers/bell.ts';
import { kiroHome } from '../helpers/kiro-home.ts';
import { tempHost } from '../helpers/temp-home.ts';

const open: Watching[] = [];
afterEach(async () => {
  for (const watching of open.splice(0)) await watching.close();
});

function watched() {
  const { host, paths } = kiroHome();
  const user = path.join(paths.userDataDirs[0] ?? '', 'User');
  mkdirSync(host.own.rings, { recursive: true });
  const [registry, rings, cli] = [bell(), bell(), bell()];
  const [opened, entries] = [bell(), [] as string[]];
  open.push(
    watchKiro(host, paths, {
      registry: registry.call,
      opened: (entry) => {
        entries.push(entry);
        opened.call();
      },
      rings: rings.call,
      cli: cli.call,
    }),
  );
  return { host, paths, user, registry, opened, entries, rings, cli };
}

describe('Kiro’s lists of workspaces', () => {
  test('are heard when they come to be, change, and go', async () => {
    const { user, registry } = watched();
    const list = path.join(user, 'globalStorage', 'storage.json');
    await registry.hears(() => mkdirSync(path.dirname(list)));
    await registry.hears(() => writeFileSync(list, '{}'));
    await registry.hears(() => appendFileSync(list, '\n'));
    await registry.hears(() => rmSync(list));
  });

  test('are heard when a workspace is opened for the first time, though no folder for it was there', async () => {
    const { user, registry, opened, entries } = watched();
    const storage = path.join(user, 'workspaceStorage');
    await registry.hears(() => mkdirSync(path.join(storage, '56aca4fd'), { recursive: true }));
    await opened.hears(() => mkdirSync(path.join(storage, '7d7bd0cb')));
    expect(entries).toContain(path.join(storage, '7d7bd0cb'));
  });

  test('do not hear the dispatcher’s rings, which have a bell of their own', async () => {
    const { host, rings } = watched();
    await rings.hears(() => writeFileSync(path.join(host.own.rings, '7-0.json'), '{}'));
  });
});

test('workspaces that come one after the other are told of one by one, and all are looked at once, when no more come', () => {
  jest.useFakeTimers();
  try {
    const tellers: ((name: string | null) => void)[] = [];
    const watches = new FolderWatches({
      watch(folder, told) {
        if (path.basename(folder) === 'workspaceStorage') tellers.push(told);
        return { close() {} };
      },
      later: () => () => {},
    });
    const { host, paths } = kiroHome();
    const [user = ''] = paths.userDataDirs;
    const storage = path.join(user, 'User', 'workspaceStorage');
    mkdirSync(storage, { recursive: true });
    const [registry, opened] = [jest.fn(), jest.fn()];
    open.push(watchKiro(host, paths, { registry, opened, rings: () => {}, cli: () => {} }, watches));
    for (const name of ['56aca4fd', '7d7bd0cb']) {
      for (const told of tellers) told(name);
      jest.advanceTimersByTime(4_000);
    }
    expect(opened.mock.calls).toEqual([[path.join(storage, '56aca4fd')], [path.join(storage, '7d7bd0cb')]]);
    expect(registry).toHaveBeenCalledTimes(0);
    jest.advanceTimersByTime(60_000);
    expect(registry).toHaveBeenCalledTimes(1);
  } finally {
    jest.useRealTimers();
  }
});

describe('Kiro CLI', () => {
  test('is heard when a session comes to be or grows, and when its database changes', async () => {
    const { paths, cli } = watched();
    const [sessions = '', database = ''] = [...paths.cliSessions, ...paths.cliDatabases];
    await cli.hears(() => mkdirSync(sessions, { recursive: true }));
    await cli.hears(() => writeFileSync(path.join(sessions, 'a.jsonl'), ''));
    await cli.hears(() => appendFileSync(path.join(sessions, 'a.jsonl'), '{}'));
    await cli.hears(() => mkdirSync(path.dirname(database), { recursive: true }));
    await cli.hears(() => writeFileSync(`${database}-wal`, ''));
  });
});

describe('our own files', () => {
  test('are heard when a command writes them', async () => {
    const host = tempHost();
    mkdirSync(host.own.home, { recursive: true });
    const own = bell();
    open.push(watchOwn(host, own.call));
    for (const file of [host.own.settings, host.own.enrolment, host.own.credential])
      await own.hears(() => writeFileSync(file, '{}'));
    await own.hears(() => rmSync(host.own.enrolment));
  });

  test('are told of once for what is written in several steps, and the database beside them is not one of them', () => {
    jest.useFakeTimers();
    try {
      let tell = (_name: string) => {};
      const watches = new FolderWatches({
        watch(_folder, told) {
          tell = told;
          return { close() {} };
        },
        later: () => () => {},
      });
      const changed = jest.fn();
      const host = tempHost();
      mkdirSync(host.own.home, { recursive: true });
      open.push(watchOwn(host, changed, watches));
      tell('agent.db-wal');
      jest.runAllTimers();
      expect(changed).toHaveBeenCalledTimes(0);
      tell('settings.json');
      tell('settings.json');
      jest.runAllTimers();
      expect(changed).toHaveBeenCalledTimes(1);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a folder that has just come', () => {
  test('is looked at again for what arrives late in it, a few times, and not once closed', () => {
    jest.useFakeTimers();
    try {
      let looks = 0;
      const again = andAgain(() => {
        looks += 1;
      });
      again.come();
      expect(looks).toBe(1);
      jest.advanceTimersByTime(10_000);
      expect(looks).toBe(4);
      again.come();
      again.close();
      jest.advanceTimersByTime(10_000);
      expect(looks).toBe(5);
    } finally {
      jest.useRealTimers();
    }
  });
});
