/** What no machine can be brought to at will: old daemons, full disks, long outages, other systems' lists of programs. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DaemonState } from '../../../src/cli/daemon-state.ts';
import type { Check, Finding } from '../../../src/cli/diagnose/check.ts';
import { captureCoverage } from '../../../src/cli/diagnose/checks/capture-coverage.ts';
import { clockOffset } from '../../../src/cli/diagnose/checks/clock-offset.ts';
import { daemonAutostart } from '../../../src/cli/diagnose/checks/daemon-autostart.ts';
import { daemonMemory } from '../../../src/cli/diagnose/checks/daemon-memory.ts';
import { daemonSweep } from '../../../src/cli/diagnose/checks/daemon-sweep.ts';
import { daemonVersion } from '../../../src/cli/diagnose/checks/daemon-version.ts';
import { judgeSpace } from '../../../src/cli/diagnose/checks/disk-space.ts';
import { startedBefore } from '../../../src/cli/diagnose/checks/kiro-restarted.ts';
import { outboxDepth } from '../../../src/cli/diagnose/checks/outbox-depth.ts';
import { judgeRemoved } from '../../../src/cli/diagnose/checks/outbox-gaps.ts';
import { outboxRejected } from '../../../src/cli/diagnose/checks/outbox-rejected.ts';
import { judgeCredential } from '../../../src/cli/diagnose/checks/token-valid.ts';
import { isBroad } from '../../../src/cli/diagnose/checks/trust-broad.ts';
import { type Facts, gatherFacts } from '../../../src/cli/diagnose/gather-facts.ts';
import { REPAIRS } from '../../../src/cli/diagnose/repairs.ts';
import { registerService } from '../../../src/cli/register-service.ts';
import { withTildes } from '../../../src/cli/say-changes.ts';
import { shellPath } from '../../../src/cli/shell-path.ts';
import { ownVersion } from '../../../src/core/assets.ts';
import type { Host } from '../../../src/core/host.ts';
import { parseRunningKiro } from '../../../src/kiro/running-kiro.ts';
import { proxyFor } from '../../../src/relay/network.ts';
import { aState } from '../../helpers/daemon-state.ts';
import { fakeRun } from '../../helpers/fake-run.ts';
import { tempFolder, tempHost } from '../../helpers/temp-home.ts';
import { isRoot } from '../../helpers/unprivileged.ts';

const MIB = 1024 * 1024;
const HOST = tempHost;

/** What a check finds when a daemon says this of itself. */
async function given(check: Check, state: Partial<DaemonState>, host: Host = HOST()): Promise<Finding> {
  const facts: Facts = { ...gatherFacts(host), daemon: async () => ({ is: 'up', state: aState(state) }) };
  return check.run(host, facts);
}

const { capture, outbox, delivery } = aState();

describe('a daemon', () => {
  test.each<[Check, Partial<DaemonState>, Partial<DaemonState>]>([
    [daemonVersion, { version: ownVersion() }, { version: '0.0.1' }],
    [daemonMemory, { memoryBytes: 60 * MIB }, { memoryBytes: 900 * MIB }],
    [
      daemonSweep,
      { capture: { ...capture, lastSweep: '2026-09-03T11:50:00.000Z' } },
      { capture: { ...capture, lastSweep: '2026-09-03T11:00:00.000Z' } },
    ],
    [clockOffset, { clockOffsetMs: 2_000 }, { clockOffsetMs: -20 * 60_000 }],
    [outboxRejected, {}, { outbox: { ...outbox, rejected: 2 } }],
    [
      outboxDepth,
      { outbox: { ...outbox, events: 3, bytes: 9_000, oldest: '2026-09-03T11:59:00.000Z' } },
      { outbox: { ...outbox, events: 3, bytes: 9_000, oldest: '2026-09-02T12:00:00.000Z' } },
    ],
    [outboxDepth, {}, { outbox: { ...outbox, events: 3, bytes: 190 * MIB, oldest: '2026-09-03T11:59:00.000Z' } }],
  ])('is judged by $id', async (check, well, amiss) => {
    expect(await given(check, well)).toMatchObject({ status: 'pass', fix: null });
    expect(await given(check, amiss)).toMatchObject({ status: 'warn', fix: { say: expect.stringMatching(/./) } });
  });

  test('that started a moment ago has not missed a sweep', async () => {
    expect((await given(daemonSweep, {})).status).toBe('pass');
  });

  test('is asked for turns that rang in no folder, and for turns that did not arrive', async () => {
    const row = { day: '2026-09-03', workspace: '/w', seen: 3, rings: 3, delivered: 3 };
    const turns = (more: Partial<typeof row>, state: DaemonState['delivery']['state'] = 'idle') =>
      given(captureCoverage, {
        capture: { ...capture, coverage: [row, { ...row, workspace: null, ...more }] },
        delivery: { ...delivery, state },
      });
    expect((await turns({})).status).toBe('pass');
    const silent = await turns({ rings: 0 });
    expect(silent).toMatchObject({ status: 'warn' });
    expect(silent.evidence[0]).toBe('no hook rang in without a folder');
    expect((await turns({ delivered: 1 })).status).toBe('warn');
    expect((await turns({ delivered: 1 }, 'waiting')).status).toBe('pass');
    const told = (more: Partial<DaemonState['outbox']>) =>
      given(captureCoverage, {
        capture: { ...capture, coverage: [{ ...row, delivered: 1 }] },
        outbox: { ...outbox, ...more },
      });
    const removed = { events: 2, bound: 'size' as const, limit: 1 };
    expect((await told({ rejected: 2 })).status).toBe('pass');
    expect((await told({ removed: { ...removed, last: '2026-09-02T12:00:00.000Z' } })).status).toBe('pass');
    expect((await told({ removed: { ...removed, last: '2026-08-02T12:00:00.000Z' } })).status).toBe('warn');
  });
});

test('the start at login is told where a desktop could do it, and not where its user switched it off', async () => {
  const home = HOST();
  // A desktop without systemd; where the tests run under systemd, that is what could do it.
  const host: Host = { ...home, env: { ...home.env, XDG_CURRENT_DESKTOP: 'GNOME' } };
  const facts = gatherFacts(host);
  expect(await daemonAutostart.run(host, facts)).toMatchObject({ status: 'warn' });
  const folder = path.join(host.home, '.config', 'autostart');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'capsule-kiro.desktop'), '[Desktop Entry]\nHidden=true\n');
  expect(await daemonAutostart.run(host, facts)).toMatchObject({ status: 'skip' });
  writeFileSync(path.join(folder, 'capsule-kiro.desktop'), '[Desktop Entry]\nExec=old\n');
  expect(await daemonAutostart.run(host, facts)).toMatchObject({ status: 'warn' });
});

test('the start at login is asked of the system, healed by telling it anew, and left where it was not wanted', async () => {
  const answer = { disabled: 'enabled' };
  const { ran, run } = fakeRun((line) =>
    line.includes('print-disabled') ? { stdout: `"dev.capsule.kiro" => ${answer.disabled}` } : {},
  );
  const host = tempHost({ platform: 'darwin', run });
  const facts = gatherFacts(host);
  expect(await daemonAutostart.run(host, facts)).toMatchObject({ status: 'warn' });
  await registerService(host, true, { pause: async () => {} });
  expect((await daemonAutostart.run(host, facts)).evidence.slice(1)).toEqual([
    'launchctl print: loaded',
    'it ends with the last logout, as Kiro does, and comes back with the next login',
  ]);
  answer.disabled = 'disabled';
  const off = await daemonAutostart.run(host, facts);
  expect(off.evidence).toEqual(['it is registered, but launchctl print-disabled names it']);
  expect(off.fix?.command).toBe('capsule-kiro diagnose --fix --only daemon.autostart');
  ran.length = 0;
  const [repair] = REPAIRS.filter(({ heals }) => heals.includes('daemon.autostart'));
  await repair?.act(
    { ...host, run: async (...args) => ({ ...(await run(...args)), exitCode: args[1][0] === 'print' ? 113 : 0 }) },
    facts,
  );
  expect(ran.map((line) => line.split(' ')[1])).toEqual(['bootout', 'print', 'enable', 'bootstrap']);
  await registerService(host, false);
  expect(await daemonAutostart.run(host, facts)).toMatchObject({
    status: 'skip',
    evidence: [expect.stringMatching(/^not at login, as asked at the install/)],
  });
});

test('events that the bounds took are told for a week, or until that bound is raised', () => {
  const removed = { events: 12, last: '2026-09-01T12:00:00.000Z', bound: 'size' as const, limit: 1000 };
  const on = (day: string, maxBytes: number, given: typeof removed | null = removed) =>
    judgeRemoved(given, { maxBytes, maxAgeMs: 1 }, new Date(`2026-09-${day}T12:00:00.000Z`), []);
  expect(on('03', 1000, null).status).toBe('pass');
  expect(on('03', 1000)).toMatchObject({
    status: 'warn',
    evidence: ['12 events removed so far, the last 2 days ago, by the bound outbox.maxBytes, then 1000 B'],
    fix: { command: 'capsule-kiro config set outbox.maxBytes 2000' },
  });
  expect([on('03', 2000).status, on('09', 1000).status]).toEqual(['pass', 'pass']);
  const aged = judgeRemoved(
    { ...removed, bound: 'age', limit: 7 * 86_400_000 },
    { maxBytes: 1e12, maxAgeMs: 7 * 86_400_000 },
    new Date('2026-09-03T12:00:00.000Z'),
    [],
  );
  expect(aged.fix?.command).toBe('capsule-kiro config set outbox.maxAgeDays 14');
});

test('a disk is full below 50 MiB, and nearly so below 500', () => {
  expect([49, 50, 499, 500].map((free) => judgeSpace(free * MIB))).toEqual(['fail', 'warn', 'warn', 'pass']);
});

test('what permissions forbid to read is named, what is not there is not', () => {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  const [open, closed] = ['open', 'closed'].map((name) => path.join(folder, name)) as [string, string];
  for (const file of [open, closed]) writeFileSync(file, '');
  chmodSync(open, 0o644);
  chmodSync(closed, 0o000);
  // Asked as another user where the tests run as root, and in a process of its own: what counts is whose process it is.
  const module = new URL('../../../src/cli/diagnose/unreadable.ts', import.meta.url);
  const places = JSON.stringify([open, closed, path.join(folder, 'none')]);
  const code = `import { unreadable } from '${module}'; process.stdout.write(JSON.stringify(unreadable(${places})))`;
  const asNobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { ...asNobody, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([closed]);
});

describe('a credential', () => {
  const credential = {
    portal: 'https://capsule.example',
    org: 'default',
    deviceId: 'd',
    token: 'secret',
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-11T00:00:00.000Z',
  };
  const on = (day: string) => judgeCredential(credential, new Date(`2026-01-${day}T00:00:00.000Z`), []);

  test('is valid, due, or over, and is never shown', () => {
    expect(on('02').evidence).toContain('renewed by itself at 63 to 77 % of its life');
    expect(on('10').evidence).toContain('its renewal is due');
    expect(on('11')).toMatchObject({ status: 'fail', fix: { command: 'capsule-kiro token set' } });
    expect(JSON.stringify([on('02'), on('11')])).not.toContain('secret');
  });
});

test('trust is too broad when it is for every command, whatever the file calls that', () => {
  const entry = (pattern: string, more = {}) => isBroad({ effect: 'allow', kind: 'command', pattern, ...more });
  expect(['*', 'shell: *', 'all: *', 'builtin: *'].map((pattern) => entry(pattern))).toEqual([true, true, true, true]);
  expect(['git *', 'shell: git *', 'fs_read: *'].map((pattern) => entry(pattern))).toEqual([false, false, false]);
  expect([entry('*', { effect: 'deny' }), entry('*', { kind: 'tool' })]).toEqual([false, false]);
});

describe('programs that run', () => {
  const LISTING = `    1    11:04:13 systemd
 4711       02:05 kiro
 4712    01:02:05 /Applications/Kiro.app/Contents/MacOS/Electron
 4713  3-01:02:05 /usr/share/kiro/kiro
 4714       00:09 kiro-cli
 4715       00:09 not kiro at all
`;

  test('are Kiro by their names, with their age', () => {
    expect(parseRunningKiro(LISTING)).toEqual([
      { pid: 4711, seconds: 125 },
      { pid: 4712, seconds: 3725 },
      { pid: 4713, seconds: 262_925 },
    ]);
  });

  test('are older than a hook by more than the second that ages are told in', () => {
    const now = new Date('2026-09-03T12:00:10.000Z');
    const older = (seconds: number) => startedBefore([{ pid: 1, seconds }], '2026-09-03T12:00:00.500Z', now).length > 0;
    expect([10, 11, 60].map(older)).toEqual([false, true, true]);
  });

  test('are read from whatever ps may print without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseRunningKiro(text))));
  });
});

test('a path can be pasted into a shell as it is said', () => {
  expect(shellPath('/home/dev', '/home/dev')).toBe('~/');
  expect(shellPath('/home/dev/a-b/c.d', '/home/dev')).toBe('~/a-b/c.d');
  expect(shellPath('/home/devil/x', '/home/dev')).toBe('/home/devil/x');
  expect(shellPath("/home/dev/my app's", '/home/dev')).toBe(`~/'my app'\\''s'`);
});

test.each([
  [
    '/home/dev/x and "/home/dev", not /home/devil/x or /home/dev.old',
    '~/x and "~", not /home/devil/x or /home/dev.old',
  ],
  ['it is /home/dev.', 'it is ~.'],
])('every path in %j is said as %j', (text, said) => {
  expect(withTildes(text, '/home/dev')).toBe(said);
  expect(['', '/'].map((home) => withTildes(text, home))).toEqual([text, text]);
});

test.each([
  ['https://capsule.example', null, 'http://proxy:8080'],
  ['https://capsule.example', 'other.example', 'http://proxy:8080'],
  ['https://capsule.example', 'capsule.example', null],
  ['https://capsule.example', '.example', null],
  ['https://capsule.example', '*.example', null],
  ['https://capsule.example', '*', null],
  ['https://capsule.example:8443', 'capsule.example:8443', null],
  ['https://capsule.example:8443', 'capsule.example:443', 'http://proxy:8080'],
  ['http://127.0.0.1:4170', null, null],
  ['http://[::1]:4170', null, null],
])('the way to %s with the bypass %s is by %s', (address, proxyBypass, expected) => {
  const through = proxyFor(new URL(address), { caFile: null, proxyUrl: 'http://proxy:8080', proxyBypass });
  expect(through?.origin ?? null).toBe(expected);
});
