import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { followWorkspaces } from '../../src/cli/follow-workspaces.ts';
import type { Workspace } from '../../src/kiro/workspaces.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace } from '../helpers/kiro-home.ts';

const HOOK = path.join('.kiro', 'hooks', 'capsule-stop.kiro.hook');

function given() {
  const { host, paths } = kiroHome();
  const known: Workspace[] = [];
  const met: Workspace[] = [];
  const seen = { changes: 0, scans: 0 };
  const timers = fakeLater();
  const list = { locked: false, installed: true };
  const following = followWorkspaces(host, {
    installed: () => list.installed,
    async scan() {
      seen.scans += 1;
      if (list.locked) throw new Error('the list is locked');
      return [...known];
    },
    lookAt: async () => [...met],
    wanted: () => ({ paths, hooks: ALL_HOOKS, dispatcher: DISPATCHER, exclude: [] }),
    later: timers.later,
    changed: () => {
      seen.changes += 1;
    },
  });
  return { host, known, met, following, seen, list, timers };
}

test('a look attaches what is new, says so once, and leaves the rest as it is', async () => {
  const { host, known, following, seen } = given();
  const workspace = makeWorkspace(host, 'demo');
  known.push(workspace);
  await following.look();
  expect(following.counts()).toMatchObject({ known: 1, attached: 1, notAttached: [] });
  expect(seen.changes).toBe(1);
  const before = readFileSync(path.join(workspace.path, HOOK), 'utf8');
  await following.look();
  expect(readFileSync(path.join(workspace.path, HOOK), 'utf8')).toBe(before);
  expect(seen.changes).toBe(1);
});

test('a workspace that has just come is attached before all are looked at, as soon as Kiro has written what it is', async () => {
  const { host, met, following, seen, timers } = given();
  await following.look();
  const workspace = makeWorkspace(host, 'demo');
  const meeting = following.meet('/workspaceStorage/56aca4fd');
  const again = await timers.asked();
  expect(existsSync(path.join(workspace.path, HOOK))).toBe(false);
  met.push(workspace);
  again.fire();
  await meeting;
  expect(existsSync(path.join(workspace.path, HOOK))).toBe(true);
  expect(seen.scans).toBe(1);
});

test('a look at all does not wait for a workspace that has come and in which Kiro has written nothing yet', async () => {
  const { host, known, following, timers } = given();
  await following.look();
  void following.meet('/workspaceStorage/56aca4fd');
  await timers.asked();
  const workspace = makeWorkspace(host, 'demo');
  known.push(workspace);
  await following.look();
  expect(existsSync(path.join(workspace.path, HOOK))).toBe(true);
});

test('where nothing was installed no hook is placed, which is said, until it is', async () => {
  const { host, known, following, list } = given();
  const workspace = makeWorkspace(host, 'demo');
  known.push(workspace);
  list.installed = false;
  await following.look();
  expect(existsSync(path.join(workspace.path, '.kiro'))).toBe(false);
  expect(following.drift().warnings).toMatchObject([{ code: 'not-installed' }]);
  list.installed = true;
  await following.look();
  expect(existsSync(path.join(workspace.path, HOOK))).toBe(true);
  expect(following.drift().warnings.map(({ code }) => code)).not.toContain('not-installed');
});

test('a hook that somebody deleted is not put back', async () => {
  const { host, known, following } = given();
  const workspace = makeWorkspace(host, 'demo');
  known.push(workspace);
  await following.look();
  rmSync(path.join(workspace.path, HOOK));
  await following.look();
  expect(existsSync(path.join(workspace.path, HOOK))).toBe(false);
});

test('a workspace that cannot be attached keeps none of the others from it, and is told from one called alike', async () => {
  const { host, known, following } = given();
  const [whole, blocked] = [makeWorkspace(host, 'demo'), makeWorkspace(host, 'demo-2')];
  writeFileSync(path.join(blocked.path, '.kiro'), 'a file where a folder should be');
  known.push(blocked, whole);
  await following.look();
  expect(existsSync(path.join(whole.path, HOOK))).toBe(true);
  expect(following.counts()).toMatchObject({ known: 2, attached: 1 });
  expect(following.counts().notAttached.map((each) => each.path)).toEqual([blocked.path]);
});

test('what cannot be attached at all is counted by its state', async () => {
  const { known, following } = given();
  for (const state of ['remote', 'missing', 'excluded', 'skipped'] as const)
    known.push({ uri: `vscode-remote://${state}`, path: null, name: state, state, reason: null, sources: [] });
  await following.look();
  const counts = { known: 4, attached: 0, remote: 1, missing: 1, excluded: 2, notAttached: [] };
  const named = (['remote', 'missing', 'skipped'] as const).map((state) => ({
    ...{ path: `vscode-remote://${state}`, state, reason: state },
  }));
  // What a person excluded is nobody else's concern.
  expect(following.counts()).toEqual({ ...counts, elsewhere: expect.arrayContaining(named) });
  expect(following.counts().elsewhere).toHaveLength(3);
});

test('looks that are asked for while one is under way become one more', async () => {
  const { following, seen } = given();
  await Promise.all([following.look(), following.look(), following.look()]);
  expect(seen.scans).toBe(2);
});

test('a look that fails is not the last', async () => {
  const { host, known, following, list } = given();
  known.push(makeWorkspace(host, 'demo'));
  list.locked = true;
  await following.look();
  expect(following.counts().known).toBe(0);
  list.locked = false;
  await following.look();
  expect(following.counts().known).toBe(1);
});
