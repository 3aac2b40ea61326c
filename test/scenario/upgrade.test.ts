/** A portal hands out another version; a machine takes it, or does not, and works either way. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ownVersion } from '../../src/core/assets.ts';
import { readCredential, writeCredential } from '../../src/relay/credential.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { release } from '../helpers/other-version.ts';
import { installAt, type RunningPortal, runPortal } from '../helpers/running-portal.ts';
import { atTerminal, terminalTest } from '../helpers/terminal.ts';

async function given(): Promise<{ machine: Machine; portal: RunningPortal }> {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  return { machine, portal };
}

const program = ({ own }: Machine) => readFileSync(own.program, 'utf8');
const besides = ({ own }: Machine) => readdirSync(path.dirname(own.program)).filter((name) => /^(old|new)-/.test(name));
const kept = ({ own }: Machine) => [own.settings, own.credential, own.device].map((file) => readFileSync(file, 'utf8'));

describe('upgrading', () => {
  test('takes a newer version, runs it and keeps what was set; then there is none that is newer', async () => {
    const { machine, portal } = await given();
    expect(await machine.must(['upgrade', '--check'])).toContain(`nothing newer than version ${ownVersion()}`);
    release(portal.data, '9.9.9');
    expect(await machine.json(['upgrade', '--check'])).toMatchObject({
      exitCode: 3,
      body: { installed: ownVersion(), newer: { version: '9.9.9' }, taken: false },
    });
    const [before, pid] = [kept(machine), machine.daemonPid()];
    expect((await machine.json(['upgrade'])).body).toMatchObject({ taken: false });
    // The key that signs is another one by now than when this device enrolled.
    await machine.must(['portal', 'upgrade-key', '--data', portal.data]);
    expect(machine.daemonPid()).toBe(pid);
    expect(await machine.must(['upgrade', '--yes'])).toContain(`Version 9.9.9 took the place of ${ownVersion()}`);
    expect(program(machine)).toContain('echo 9.9.9');
    expect(machine.daemonPid()).not.toBe(pid);
    expect([kept(machine), besides(machine)]).toEqual([before, []]);
    expect(await machine.must(['upgrade', '--yes'])).toContain('nothing newer than version 9.9.9');
    const session = machine.session('written');
    await machine.playTurn(session, session.turns[0]);
    await until(async () => (await portal.events(session.id)).length > 0, 'events arrive from the new version');
    expect(await machine.must(['uninstall'])).toContain('nothing of ours is left');
  });

  terminalTest('asks on a terminal, and takes nothing but a yes (skipped without python3: install it)', async () => {
    const { machine, portal } = await given();
    release(portal.data, '9.9.9');
    const before = program(machine);
    for (const keys of ['\r', 'n\r', 'yellow\r', '\u0003']) {
      const asked = atTerminal(machine, ['upgrade']);
      await asked.drawn(/Take it\? \[y\/N\] /);
      asked.type(keys);
      expect(await asked.ended).toMatch(/Nothing was changed.*ENDED 3 restored$/s);
      expect(program(machine)).toBe(before);
    }
    const asked = atTerminal(machine, ['upgrade']);
    await asked.drawn(/Take it\? \[y\/N\] /);
    asked.type('y\r');
    expect(await asked.ended).toMatch(/Version 9\.9\.9 took the place of.*ENDED 0 restored$/s);
    expect(program(machine)).toContain('echo 9.9.9');
  });

  test('never takes an older version', async () => {
    const { machine, portal } = await given();
    release(portal.data, '0.0.1');
    expect(await machine.must(['upgrade', '--yes'])).toContain(`nothing newer than version ${ownVersion()}`);
  });

  test('goes back when the new version does not run, and says so', async () => {
    const { machine, portal } = await given();
    release(portal.data, '9.9.9', { broken: true });
    const before = program(machine);
    const { exitCode, body } = await machine.json(['upgrade', '--yes']);
    expect([exitCode, body]).toMatchObject([1, { error: { code: 'upgrade-failed' } }]);
    expect(JSON.stringify(body)).toContain(`version ${ownVersion()} is back and runs`);
    expect([program(machine), besides(machine)]).toEqual([before, []]);
    expect((await machine.json(['status'])).body).toMatchObject({ daemon: { version: ownVersion() } });
    const failures = async () => (await portal.get('/api/upgrade-rings')).body.failures as object[];
    await until(async () => (await failures()).length > 0, 'the portal is told that it failed');
    expect(await failures()).toMatchObject([{ version: '9.9.9', ring: null, why: expect.stringMatching(/\w/) }]);
    // The daemon does not try that one again, a person may.
    expect((await machine.json(['upgrade', '--by-daemon'])).body).toMatchObject({ taken: false });
  });

  test('leaves everything as it is when what came is not what it claims to be', async () => {
    const { machine, portal } = await given();
    const [before, pid] = [program(machine), machine.daemonPid()];
    release(portal.data, '9.9.9', { says: '9.9.8' });
    const lies = await machine.json(['upgrade', '--yes']);
    expect(lies.body).toMatchObject({ error: { code: 'upgrade-refused', message: expect.stringContaining('9.9.8') } });
    expect((await machine.json(['upgrade', '--by-daemon'])).body).toMatchObject({ taken: false });
    release(portal.data, '9.9.9');
    const credential = readCredential(machine.own);
    if (credential === undefined) throw new Error('not enrolled');
    writeCredential(machine.own, { ...credential, upgradeKey: 'A'.repeat(43) });
    const foreign = await machine.json(['upgrade', '--yes']);
    expect(foreign.body).toMatchObject({ error: { message: expect.stringContaining('not signed by the key') } });
    const { upgradeKey: _gone, ...older } = credential;
    writeCredential(machine.own, older);
    const unpinned = await machine.json(['upgrade', '--yes']);
    expect(unpinned.body).toMatchObject({ error: { hint: expect.stringContaining('Enrol anew') } });
    expect([program(machine), besides(machine), machine.daemonPid()]).toEqual([before, [], pid]);
  });
});
