import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DaemonState } from '../../../src/cli/daemon-state.ts';
import { isQuiet, upgradeByItself, upgraderOf } from '../../../src/cli/upgrading/upgrade-by-itself.ts';
import { changeSettings } from '../../../src/core/settings.ts';
import { systemd } from '../../../src/service/systemd.ts';
import { tempHost } from '../../helpers/temp-home.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const working = (openTurns: number, lastRing: string | null): DaemonState =>
  ({ capture: { openTurns, lastRing } }) as unknown as DaemonState;
const QUIET = working(0, null);

describe('a quiet moment', () => {
  test.each<[string, DaemonState, boolean]>([
    ['is one in which nothing ever happened', QUIET, true],
    ['is one ten minutes after a turn', working(0, '2026-09-03T11:50:00.000Z'), true],
    ['is not one in which a turn ended just now', working(0, '2026-09-03T11:55:00.000Z'), false],
    ['is not one in which a turn is under way', working(1, null), false],
  ])('%s', (_, state, quiet) => {
    expect(isQuiet(state, NOW)).toBe(quiet);
  });
});

describe('the daemon upgrades by itself', () => {
  function given(auto: boolean, states: (DaemonState | 'hung' | undefined)[] = []) {
    const host = tempHost({ now: () => NOW });
    if (auto) changeSettings(host.own.settings, (own) => ({ ...own, 'upgrade.auto': true }));
    const waits: number[] = [];
    const launched: string[] = [];
    let next = () => {};
    const stop = upgradeByItself(host, {
      supervised: false,
      later: (ms, then) => {
        waits.push(ms);
        next = then;
        return () => (next = () => {});
      },
      state: async () => (states.length > 1 ? states.shift() : (states[0] ?? QUIET)),
      launch: (_host, { program, args }) => launched.push([program, ...args].join(' ')),
    });
    const pass = async () => {
      next();
      // What it waits for is a promise that is kept already.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    };
    return { host, waits, launched, pass, stop };
  }

  test('only where that is set, which it reads each time', async () => {
    const { host, waits, launched, pass } = given(false);
    await pass();
    expect(launched).toEqual([]);
    changeSettings(host.own.settings, (own) => ({ ...own, 'upgrade.auto': true }));
    await pass();
    expect(launched).toEqual([`${host.own.program} upgrade --by-daemon`]);
    expect(waits).toEqual([(10 * MINUTE + 4 * HOUR) / 2, 24 * HOUR, 24 * HOUR]);
  });

  test('when it is quiet, and else ten minutes later', async () => {
    const { waits, launched, pass } = given(true, [working(1, null), 'hung', QUIET]);
    for (let look = 0; look < 2; look++) await pass();
    expect([launched.length, waits.slice(1)]).toEqual([0, [10 * MINUTE, 10 * MINUTE]]);
    await pass();
    expect(launched.length).toBe(1);
  });

  test('not with settings that cannot be read, and not after its end', async () => {
    const broken = given(true);
    writeFileSync(broken.host.own.settings, '{');
    await broken.pass();
    expect(broken.launched).toEqual([]);
    const ended = given(true);
    ended.stop();
    await ended.pass();
    expect(ended.launched).toEqual([]);
  });
});

test('what systemd keeps up is upgraded from a unit of its own, which does not end with the daemon’s', () => {
  const host = tempHost();
  mkdirSync(path.dirname(systemd.file(host)), { recursive: true });
  writeFileSync(systemd.file(host), '');
  expect(upgraderOf(host, false)).toEqual({ program: host.own.program, args: ['upgrade', '--by-daemon'] });
  expect(upgraderOf(host, true)).toEqual({
    program: 'systemd-run',
    args: [
      ...['--user', '--collect', '--quiet', `--setenv=CAPSULE_KIRO_HOME=${host.own.home}`],
      ...[host.own.program, 'upgrade', '--by-daemon'],
    ],
  });
});
