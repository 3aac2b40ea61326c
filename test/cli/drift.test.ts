import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { followWorkspaces } from '../../src/cli/follow-workspaces.ts';
import { watchDrift } from '../../src/cli/watch-drift.ts';
import { attach } from '../../src/kiro/attach.ts';
import { withRecord } from '../../src/kiro/attachment-record.ts';
import type { Workspace } from '../../src/kiro/workspaces.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace } from '../helpers/kiro-home.ts';
import { kill, source, startElsewhere } from '../helpers/other-process.ts';

function installed() {
  const home = kiroHome('{}');
  const demo = makeWorkspace(home.host, 'demo');
  const said: string[] = [];
  const say = (message: string, fields: object = {}) => said.push(`${message} ${Object.values(fields).join(' ')}`);
  const host = { ...home.host, log: { info: say, warn: say, error: say } };
  const wanted = { paths: home.paths, hooks: ALL_HOOKS, dispatcher: DISPATCHER, exclude: [] as string[] };
  const timers = fakeLater();
  attach(host, { ...wanted, workspaces: [demo] });
  const known: Workspace[] = [demo];
  const following = followWorkspaces(host, {
    installed: () => true,
    scan: async () => [...known],
    lookAt: async () => [],
    wanted: () => ({ ...wanted }),
    later: timers.later,
    changed: () => {},
  });
  const userHook = path.join(home.paths.userHooks, 'capsule-stop.json');
  return { ...home, host, demo, known, said, wanted, timers, following, userHook };
}

describe('a look', () => {
  test('says nothing while everything is as it was made', async () => {
    const { following, said } = installed();
    await following.look();
    expect(following.drift()).toEqual({ leftAlone: [], warnings: [] });
    expect(said).toEqual([]);
  });

  test('puts a hook of the user back and logs it', async () => {
    const { following, said, userHook } = installed();
    rmSync(userHook);
    await following.look();
    expect(existsSync(userHook)).toBe(true);
    expect(said).toEqual([`attachment put right hook-user ${userHook}`]);
  });

  test('names what it leaves alone, in the state each time and in the log once', async () => {
    const { following, said, userHook, settingsFile } = installed();
    writeFileSync(userHook, readFileSync(userHook, 'utf8').replace('"timeout": 10', '"timeout": 9'));
    writeFileSync(settingsFile, '{');
    for (let looks = 0; looks < 2; looks++) await following.look();
    expect(following.drift().leftAlone.map(({ file }) => file)).toEqual([userHook, settingsFile]);
    expect(following.drift().warnings).toMatchObject([{ code: 'trust-missing', file: settingsFile }]);
    expect(said.filter((line) => line.startsWith('left alone'))).toHaveLength(2);
  });

  test('leaves a hook that a user deleted from a workspace, and counts the workspace as not attached', async () => {
    const { following, demo } = installed();
    rmSync(path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json'));
    await following.look();
    expect(following.counts().notAttached).toMatchObject([
      { path: demo.path, reason: expect.stringContaining('removed') },
    ]);
  });

  test('takes away what an exclusion or another mode no longer wants', async () => {
    const { following, known, demo, wanted, userHook } = installed();
    await following.look();
    wanted.exclude = [demo.path];
    known[0] = { ...demo, state: 'excluded', reason: 'excluded' };
    wanted.hooks = { ...ALL_HOOKS, user1x: false };
    await following.look();
    expect(existsSync(path.join(demo.path, '.kiro'))).toBe(false);
    expect(existsSync(userHook)).toBe(false);
  });

  test('that finds another at work on the same files comes back after a moment', async () => {
    const { following, host, userHook, timers } = installed();
    rmSync(userHook);
    const holder = await startElsewhere(
      `const { openDatabase } = await import(${source('core/database.ts')}); globalThis.held = openDatabase(${JSON.stringify(host.own.attachments)}, { migrations: ['', ''], exclusive: true, waitMs: 0 });`,
    );
    await following.look();
    expect(existsSync(userHook)).toBe(false);
    await kill(holder);
    (await timers.asked()).fire();
    await following.look();
    expect(existsSync(userHook)).toBe(true);
    withRecord(host, (record) => expect(record.repairs(userHook)).toHaveLength(1));
  });
});

describe('watching', () => {
  test('notices a change of what was added, waits for its writer to be through, and looks once', async () => {
    const { paths, userHook, settingsFile } = installed();
    const timers = fakeLater();
    let looks = 0;
    const watching = await watchDrift(paths, timers.later, () => {
      looks += 1;
    });
    mkdirSync(path.dirname(userHook), { recursive: true });
    rmSync(userHook);
    writeFileSync(settingsFile, '{ "a": 1 }');
    const timer = await timers.asked();
    expect(looks).toBe(0);
    timer.fire();
    expect(looks).toBe(1);
    await watching.close();
  });
});
