import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { attach, attachWorkspaces } from '../../src/kiro/attach.ts';
import { readRecord } from '../../src/kiro/attachment-record.ts';
import { detach } from '../../src/kiro/detach.ts';
import { detachUnwanted } from '../../src/kiro/unwanted.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace, picture } from '../helpers/kiro-home.ts';

function attached() {
  const home = kiroHome('{}');
  const demo = makeWorkspace(home.host, 'demo');
  const other = makeWorkspace(home.host, 'other');
  mkdirSync(path.join(demo.path, '.git', 'objects'), { recursive: true });
  writeFileSync(path.join(demo.path, '.git', 'HEAD'), '');
  const before = Object.keys(picture(home.host.home, home.host.own.home));
  const options = { paths: home.paths, hooks: ALL_HOOKS, workspaces: [demo, other], dispatcher: DISPATCHER };
  attach(home.host, options);
  const now = () => Object.keys(picture(home.host.home, home.host.own.home));
  return { ...home, demo, other, options, before, now };
}
const hooksOf = (folder: string) => readdirSync(path.join(folder, '.kiro', 'hooks')).sort();

describe('what is not wanted any more', () => {
  test('nothing, while everything is wanted', () => {
    const { host } = attached();
    expect(detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [] })).toEqual([]);
  });

  test('all of a workspace when it, or a folder above it, is excluded; nothing of another', () => {
    const { host, demo, other } = attached();
    expect(detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [demo.path] }).length).toBeGreaterThan(4);
    expect(existsSync(path.join(demo.path, '.kiro'))).toBe(false);
    expect(existsSync(path.join(demo.path, '.git', 'info'))).toBe(false);
    expect(hooksOf(other.path)).toHaveLength(2);
    detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [host.home] });
    expect(existsSync(path.join(other.path, '.kiro'))).toBe(false);
  });

  test('is found when the exclusion names the workspace by a link to it', () => {
    const { host, demo } = attached();
    const link = path.join(host.home, 'link');
    symlinkSync(demo.path, link);
    detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [link] });
    expect(existsSync(path.join(demo.path, '.kiro'))).toBe(false);
  });

  test('one generation of hooks, with its exclusion from commits, while the other stays in the same folder', () => {
    const { host, demo } = attached();
    detachUnwanted(host, { hooks: { ...ALL_HOOKS, workspace0x: false, trust: false }, exclude: [] });
    expect(hooksOf(demo.path)).toEqual(['capsule-stop.json']);
    expect(readFileSync(path.join(demo.path, '.git', 'info', 'exclude'), 'utf8')).toBe(
      '/.kiro/hooks/capsule-stop.json\n',
    );
    expect(readFileSync(path.join(host.home, '.config', 'Kiro', 'User', 'settings.json'), 'utf8')).toBe('{}');
  });

  test("the user's hook, when only workspaces are to have hooks, but never the dispatcher", () => {
    const { host, paths } = attached();
    detachUnwanted(host, { hooks: { ...ALL_HOOKS, user1x: false }, exclude: [] });
    expect(existsSync(paths.userHooks)).toBe(false);
    expect(existsSync(path.join(paths.scripts, 'capsule-dispatch.sh'))).toBe(true);
  });

  test('says in a dry run what would go, and nothing goes', () => {
    const { host, demo, now } = attached();
    const before = now();
    const changes = detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [demo.path] }, { dryRun: true });
    expect(new Set(changes.map(({ result }) => result))).toEqual(new Set(['planned']));
    expect(now()).toEqual(before);
  });

  test('whatever went and came back, uninstalling still leaves nothing', () => {
    const { host, options, before, now, demo } = attached();
    for (const hooks of [{ ...ALL_HOOKS, workspace0x: false }, ALL_HOOKS, { ...ALL_HOOKS, user1x: false }]) {
      detachUnwanted(host, { hooks, exclude: [] });
      attach(host, { ...options, hooks });
    }
    detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [demo.path] });
    detach(host);
    expect(now()).toEqual(before);
    expect(readRecord(host)).toEqual([]);
  });

  test('a hook that its user deleted stays remembered as deleted', () => {
    const { host, demo, options } = attached();
    rmSync(path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook'));
    detachUnwanted(host, { hooks: ALL_HOOKS, exclude: [demo.path] });
    attachWorkspaces(host, options);
    expect(hooksOf(demo.path)).toEqual(['capsule-stop.json']);
  });
});
