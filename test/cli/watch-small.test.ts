import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type SmallWatching, watchSmall } from '../../src/cli/watch-small.ts';
import { bell } from '../helpers/bell.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const open: SmallWatching[] = [];
afterEach(async () => {
  for (const watching of open.splice(0)) await watching.close();
});

test('small places are heard when they, or what is in them, come, change and go', async () => {
  const folder = tempFolder();
  const [hooks, settings] = [path.join(folder, 'hooks'), path.join(folder, 'settings.json')];
  mkdirSync(hooks);
  const heard = bell();
  const watching = await watchSmall([hooks, settings], heard.call);
  open.push(watching);
  expect(watching.unwatched()).toEqual([]);
  await heard.hears(() => writeFileSync(settings, '{}'));
  await heard.hears(() => writeFileSync(path.join(hooks, 'a.json'), '{}'));
  await heard.hears(() => rmSync(path.join(hooks, 'a.json')));
});

describe('small places for which the system has no watch left', () => {
  async function unwatchable() {
    const folder = tempFolder();
    const file = path.join(folder, 'dispatch.sh');
    writeFileSync(file, '');
    const timers = fakeLater();
    const system = { given: 0, open: 0, left: false };
    let heard = 0;
    const watching = await watchSmall([folder], () => (heard += 1), {
      later: timers.later,
      async watch(_places, _told, failed) {
        system.given += 1;
        system.open += 1;
        if (!system.left) failed();
        return {
          async close() {
            system.open -= 1;
          },
        };
      },
    });
    open.push(watching);
    const tick = async () => {
      expect(timers.waiting.map(({ ms }) => ms)).toEqual([10_000]);
      const { given } = system;
      timers.waiting[0]?.fire();
      while (system.given === given) await new Promise(setImmediate);
      await new Promise(setImmediate);
    };
    return { folder, file, timers, system, watching, tick, heard: () => heard };
  }

  test('are looked at six times a minute, named, and heard when the text of one changed, not otherwise', async () => {
    const { folder, file, watching, tick, heard, system } = await unwatchable();
    expect(watching.unwatched()).toEqual([folder]);
    await tick();
    expect(heard()).toBe(0);
    appendFileSync(file, '# changed');
    await tick();
    expect(heard()).toBe(1);
    await tick();
    rmSync(file);
    await tick();
    expect([heard(), system.open]).toEqual([2, 1]);
  });

  test('are watched again when there is one, heard once for what came between, and looked at no more', async () => {
    const { file, watching, tick, heard, timers, system } = await unwatchable();
    system.left = true;
    appendFileSync(file, '# changed');
    await tick();
    expect([heard(), watching.unwatched(), timers.waiting, system.open]).toEqual([1, [], [], 1]);
  });

  test('are forgotten when nobody wants to know any more', async () => {
    const { watching, timers, system } = await unwatchable();
    await watching.close();
    expect([timers.waiting, system.open]).toEqual([[], 0]);
  });
});
