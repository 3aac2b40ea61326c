import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { attach } from '../../src/kiro/attach.ts';
import { detach } from '../../src/kiro/detach.ts';
import { mend } from '../../src/kiro/mend.ts';
import { whyNoRepair } from '../../src/kiro/repair-limit.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, picture } from '../helpers/kiro-home.ts';

const SETTINGS = '{ "a": 1 }';

function installed() {
  const home = kiroHome(SETTINGS);
  let now = Date.parse('2026-09-03T12:00:00.000Z');
  const host = { ...home.host, now: () => new Date(now) };
  const options = { paths: home.paths, hooks: ALL_HOOKS, dispatcher: DISPATCHER };
  attach(host, { ...options, workspaces: [] });
  return {
    ...home,
    host,
    options,
    hook: path.join(home.paths.userHooks, 'capsule-stop.json'),
    script: path.join(home.paths.scripts, 'capsule-dispatch.sh'),
    mend: () => mend(host, options).map(({ step, result }) => `${step} ${result}`),
    pass: (minutes: number) => {
      now += minutes * 60_000;
    },
  };
}

describe('mending', () => {
  test('touches nothing while everything is in place', () => {
    const { host, mend } = installed();
    const before = picture(host.home, 'nothing');
    expect(mend()).toEqual(['dispatcher already', 'hook-user already', 'trust already']);
    expect(picture(host.home, 'nothing')).toEqual(before);
  });

  test('does nothing where nothing was installed, and nothing after an uninstall', () => {
    const { host, paths } = kiroHome(SETTINGS);
    expect(mend(host, { paths, hooks: ALL_HOOKS, dispatcher: DISPATCHER })).toEqual([]);
    expect(existsSync(host.own.home)).toBe(false);
    const home = installed();
    detach(home.host);
    expect(home.mend()).toEqual([]);
    expect(existsSync(home.hook)).toBe(false);
  });

  test('puts back dispatcher, hook and trust that are gone, and a dispatcher that was changed', () => {
    const { mend, hook, script, settingsFile } = installed();
    for (const file of [hook, script]) rmSync(file);
    writeFileSync(settingsFile, SETTINGS);
    expect(mend()).toEqual(['dispatcher done', 'hook-user done', 'trust done']);
    expect(readFileSync(settingsFile, 'utf8')).toContain('capsule-dispatch.sh');
    writeFileSync(script, '#!/bin/sh\n# capsule-kiro\nexit 1\n');
    expect(mend()[0]).toBe('dispatcher done');
    expect(readFileSync(script, 'utf8')).toBe(DISPATCHER[0]?.text);
    chmodSync(script, 0o600);
    expect(mend()[0]).toBe('dispatcher done');
    expect(statSync(script).mode & 0o777).toBe(0o700);
  });

  test('leaves a hook that its user changed and kept ours, and one that is no longer ours', () => {
    const { mend, hook } = installed();
    const changed = readFileSync(hook, 'utf8').replace('"timeout": 10', '"timeout": 20');
    writeFileSync(hook, changed);
    expect(mend()).toEqual(['dispatcher already', 'hook-user kept', 'trust already']);
    writeFileSync(hook, '{"version":"v1","hooks":[]}');
    expect(mend()).toEqual(['dispatcher already', 'hook-user failed', 'trust already']);
    expect(readFileSync(hook, 'utf8')).toBe('{"version":"v1","hooks":[]}');
  });

  test('leaves settings that do not parse, and mends them once they do', () => {
    const { mend, settingsFile } = installed();
    writeFileSync(settingsFile, '{ "a": ');
    expect(mend()[2]).toBe('trust failed');
    expect(readFileSync(settingsFile, 'utf8')).toBe('{ "a": ');
    writeFileSync(settingsFile, SETTINGS);
    expect(mend()[2]).toBe('trust done');
  });

  test('places no hook while the dispatcher cannot be placed', () => {
    const { mend, hook, script } = installed();
    rmSync(hook);
    writeFileSync(script, 'of somebody else');
    expect(mend()).toEqual(['dispatcher failed']);
    expect(existsSync(hook)).toBe(false);
  });

  test('stops after five times within an hour and ten in all, for that file alone, until the next install', () => {
    const { mend, hook, script, pass, host, options } = installed();
    const undoneAgain = () => {
      rmSync(hook, { force: true });
      return mend()[1];
    };
    for (let time = 0; time < 5; time++) expect(undoneAgain()).toBe('hook-user done');
    expect(undoneAgain()).toBe('hook-user skipped');
    rmSync(script);
    expect(mend()[0]).toBe('dispatcher done');
    pass(61);
    for (let time = 0; time < 5; time++) expect(undoneAgain()).toBe('hook-user done');
    pass(61);
    expect(undoneAgain()).toBe('hook-user skipped');
    expect(mend()[1]).toBe('hook-user skipped');
    attach(host, { ...options, workspaces: [] });
    expect(undoneAgain()).toBe('hook-user done');
  });
});

test('the limit says how often and why', () => {
  const now = new Date('2026-09-03T12:00:00.000Z');
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  expect(whyNoRepair([], now)).toBeNull();
  expect(whyNoRepair([90, 80, 70, 50, 40].map(at), now)).toBeNull();
  expect(whyNoRepair([50, 40, 30, 20, 10].map(at), now)).toMatch(/5 times within the hour/);
  expect(whyNoRepair(Array(10).fill(at(9_000)), now)).toMatch(/10 times/);
});
