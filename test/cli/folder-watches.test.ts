import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FolderWatches, type Watching } from '../../src/cli/folder-watches.ts';
import { bell } from '../helpers/bell.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const open: Watching[] = [];
afterEach(async () => {
  for (const watching of open.splice(0)) await watching.close();
});
const watches = () => new FolderWatches();

describe('a folder with very many children', () => {
  test('is heard from the moment it comes to be, again after it went, and never once closed', async () => {
    const folder = path.join(tempFolder(), 'deep', 'down', 'storage');
    const children = bell();
    const watching = watches().watch(folder, children.call);
    open.push(watching);
    await children.hears(() => mkdirSync(folder, { recursive: true }));
    await children.hears(() => mkdirSync(path.join(folder, 'a')));
    await children.hears(() => rmSync(folder, { recursive: true }));
    await children.hears(() => mkdirSync(path.join(folder, 'b'), { recursive: true }));
    await watching.close();
    let heard = 0;
    const late = watches().watch(folder, () => {
      heard += 1;
    });
    await late.close();
    mkdirSync(path.join(folder, 'c'));
    const other = bell();
    open.push(watches().watch(folder, other.call));
    await other.hears(() => mkdirSync(path.join(folder, 'd')));
    expect(heard).toBe(0);
  });

  test('is heard for the names that were given alone', async () => {
    const folder = tempFolder();
    let heard = 0;
    const [some, all] = [bell(), bell()];
    const count = () => {
      heard += 1;
      some.call();
    };
    open.push(watches().watch(folder, count, ['state.vscdb']), watches().watch(folder, all.call));
    await all.hears(() => writeFileSync(path.join(folder, 'other.json'), '{}'));
    expect(heard).toBe(0);
    await some.hears(() => writeFileSync(path.join(folder, 'state.vscdb'), ''));
  });
});

describe('a folder for which the system has no watch left', () => {
  /** A system that gives watches, or does not. */
  function system() {
    const timers = fakeLater();
    const given: { folder: string; fail(): void }[] = [];
    const limits = { left: 0 };
    const all = new FolderWatches({
      later: timers.later,
      watch(folder, _told, fail) {
        if (limits.left === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        limits.left -= 1;
        given.push({ folder, fail });
        return { close() {} };
      },
    });
    const tick = () => {
      expect(timers.waiting.map(({ ms }) => ms)).toEqual([10_000]);
      timers.waiting[0]?.fire();
    };
    return { all, timers, given, limits, tick };
  }

  test('is looked at six times a minute, however many there are, and heard when something came or went', () => {
    const { all, tick } = system();
    const [rings, other] = [tempFolder(), tempFolder()];
    let heard = 0;
    all.watch(rings, () => {
      heard += 1;
    });
    all.watch(other, () => expect('the other').toBe('not heard'));
    expect(all.unwatched()).toEqual([rings, other]);
    tick();
    expect(heard).toBe(0);
    const soon = Date.now() / 1000 + 5;
    writeFileSync(path.join(rings, '7-0.json'), '{}');
    utimesSync(rings, soon, soon);
    tick();
    expect(heard).toBe(1);
    tick();
    expect(heard).toBe(1);
  });

  test('is watched again when there is one, told once for what came between, and looked at no more', () => {
    const { all, timers, limits, given, tick } = system();
    const folder = tempFolder();
    let heard = 0;
    all.watch(folder, () => {
      heard += 1;
    });
    limits.left = 1;
    tick();
    expect(given.map((each) => each.folder)).toEqual([folder]);
    expect([heard, all.unwatched(), timers.waiting]).toEqual([1, [], []]);
  });

  test('is looked at when a watch fails later, and forgotten when nobody wants to know any more', async () => {
    const { all, timers, limits, given } = system();
    limits.left = 1;
    const folder = tempFolder();
    const watching = all.watch(folder, () => {});
    given[0]?.fail();
    expect(all.unwatched()).toEqual([folder]);
    await watching.close();
    expect([all.unwatched(), timers.waiting]).toEqual([[], []]);
  });
});
