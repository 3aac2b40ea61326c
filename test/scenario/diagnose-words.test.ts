/** What a daemon says of itself is judged under its own id, and its own advice heals it. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { DaemonState } from '../../src/cli/daemon-state.ts';
import { lieOf } from '../helpers/lying-daemon.ts';
import { aMachine, PROGRAM } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';
import { healthyMachine, sick as sickOf } from '../helpers/sick-machine.ts';

test('a daemon that is too large, that does not sweep, or whose turns got lost is told, and started anew', async () => {
  const sick = await healthyMachine();
  const { machine } = sick;
  const lies: [string, (state: DaemonState) => DaemonState][] = [
    ['daemon.memory', (state) => ({ ...state, memoryBytes: 900 * 1024 * 1024 })],
    [
      'daemon.sweep',
      (state) => ({
        ...state,
        startedAt: '2026-01-01T00:00:00.000Z',
        capture: { ...state.capture, lastSweep: '2026-01-01T00:00:00.000Z' },
      }),
    ],
  ];
  for (const [id, lie] of lies) {
    await lieOf(machine, lie);
    const check = await sick.only(id);
    expect(check.fix?.command).toBe('capsule-kiro restart');
    await sick.obey(check);
  }
  await lieOf(machine, (state) => {
    const coverage = state.capture.coverage.map((row) => ({ ...row, seen: row.seen + 2, rings: row.rings + 2 }));
    return { ...state, capture: { ...state.capture, coverage } };
  });
  const lost = await sick.only('capture.coverage');
  expect(lost.evidence.join()).toMatch(/3 turns recorded by Kiro, 3 rings, 1 delivered/);
  expect(await sick.obey(lost)).toContain('It arrived after');
  await machine.must(['restart']);
  await sick.healthy();
});

/** Another version of this program, made of the same sources. */
function otherVersion(folder: string): string {
  const root = path.dirname(path.dirname(PROGRAM));
  for (const each of ['bin', 'src', 'installer-assets'])
    cpSync(path.join(root, each), path.join(folder, each), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const about = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as object;
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...about, version: '0.0.9' }));
  return path.join(folder, 'bin', 'capsule-kiro');
}

(process.env.CAPSULE_KIRO_PROGRAM === undefined ? test : test.skip)(
  'a daemon of an older version is told, and started anew; so is a program in another one’s place',
  async () => {
    const machine = aMachine();
    const folder = path.join(machine.folder, 'older');
    mkdirSync(folder);
    const older = otherVersion(folder);
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const sick = sickOf(machine, portal);

    await machine.must(['stop']);
    rmSync(machine.own.program);
    symlinkSync(older, machine.own.program);
    await machine.must(['start']);
    const misplaced = await sick.only('daemon.version');
    expect(misplaced.evidence[0]).toMatch(/^the daemon is 0\.0\.9, this program /);
    expect(misplaced.fix?.command).toBe('capsule-kiro install');
    rmSync(machine.own.program);
    symlinkSync(PROGRAM, machine.own.program);
    const behind = await sick.only('daemon.version');
    expect(behind.fix?.command).toBe('capsule-kiro restart');
    await sick.obey(behind);
    await sick.healthy();
  },
);

const noSystemd = existsSync('/run/systemd/system') ? test.skip : test;
noSystemd('a start at login that is gone is told and registered again, unless it was not wanted', async () => {
  const machine = aMachine();
  machine.env.XDG_CURRENT_DESKTOP = 'XFCE';
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  const sick = sickOf(machine, portal);
  await sick.healthy();
  await machine.must(['install', '--service']);
  const entry = path.join(machine.home, '.config', 'autostart', 'capsule-kiro.desktop');
  rmSync(entry);
  const gone = await sick.only('daemon.autostart');
  expect(await sick.obey(gone)).toContain('Repaired:');
  expect(existsSync(entry)).toBe(true);
  await machine.must(['install', '--no-service']);
  expect(existsSync(entry)).toBe(false);
  await sick.healthy();
});

(process.platform === 'linux' ? test : test.skip)(
  'a shell in which everything prints is told, because Kiro gives that to the agent',
  async () => {
    const { machine, healthy } = await healthyMachine();
    machine.env.LD_PRELOAD = '/no/such/library.so';
    const { exitCode, body } = await machine.json(['diagnose', '--only', 'dispatcher']);
    delete machine.env.LD_PRELOAD;
    const [amiss] = (body.checks as { id: string; status: string; evidence: string[] }[]).filter(
      ({ status }) => status !== 'pass',
    );
    expect([exitCode, amiss?.id]).toEqual([3, 'dispatcher.silent']);
    expect(amiss?.evidence.join()).toMatch(/^it printed: .*LD_PRELOAD/);
    await healthy();
  },
);
