import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { launchd, renderPlist } from '../../src/service/launchd.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempHost } from '../helpers/temp-home.ts';

const PROGRAMS = [
  '/Users/dev/Library/Application Support/capsule-kiro/bin/capsule-kiro',
  '/Users/R&D <team>/bin/capsule-kiro',
  `/Users/o'brien "ob"/100%/bin/capsule-kiro`,
  "/Users/$&/$1/$'/{{label}}/&amp;/bin/capsule-kiro",
  '/Users/žofie 🦆/bin/capsule-kiro',
];

const python = spawnSync('python3', ['-c', 'import plistlib']).status === 0 ? test : test.skip;

describe('the launch agent’s text', () => {
  python('is a property list in which the program stands as it is (skipped without python3: install it)', () => {
    const code =
      'import json, plistlib, sys; json.dump([plistlib.loads(t.encode()) for t in json.load(sys.stdin)], sys.stdout)';
    const input = JSON.stringify(PROGRAMS.map((each) => renderPlist(each)));
    const { stdout } = spawnSync('python3', ['-c', code], { input, encoding: 'utf8' });
    for (const [index, plist] of (JSON.parse(stdout) as object[]).entries()) {
      expect(plist).toEqual({
        Label: 'dev.capsule.kiro',
        ProgramArguments: [PROGRAMS[index], 'run', '--supervised'],
        RunAtLoad: true,
        // A clean end is meant; anything else is a crash.
        KeepAlive: { SuccessfulExit: false },
        ThrottleInterval: 10,
        ExitTimeOut: 20,
        ProcessType: 'Background',
        LowPriorityIO: true,
        // 077: what the daemon writes is for its user alone.
        Umask: 0o077,
        StandardOutPath: '/dev/null',
        StandardErrorPath: '/dev/null',
      });
    }
  });

  test('leaves no placeholder, and nothing of a path is taken for markup', () => {
    const text = renderPlist('/Users/R&D <team>/bin/capsule-kiro');
    expect(text).toContain('<string>/Users/R&amp;D &lt;team&gt;/bin/capsule-kiro</string>');
    expect(text).not.toContain('{{');
  });
});

describe('launchd', () => {
  const uid = process.getuid?.() ?? 0;
  const agent = `gui/${uid}/dev.capsule.kiro`;
  type Answer = { exitCode: number; stdout?: string; stderr?: string };

  /** `launchctl`, that answers each verb with the next of its answers and keeps to the last; nothing is loaded unless said. */
  const given = (answers: Record<string, Answer[]> = {}) => {
    const left = structuredClone({ print: [{ exitCode: 113 }], ...answers }) as Record<string, Answer[]>;
    const { ran, run } = fakeRun((line) => {
      const mine = left[line.split(' ')[1] ?? ''] ?? [];
      return (mine.length > 1 ? mine.shift() : mine[0]) ?? {};
    });
    const pauses: number[] = [];
    const host = tempHost({ platform: 'darwin', run });
    return { ran, pauses, host, enable: () => launchd.enable(host, async (ms) => pauses.push(ms)) };
  };

  test('keeps the registration where it looks for it at login', () => {
    const { host } = given();
    expect(launchd.file(host)).toBe(`${host.home}/Library/LaunchAgents/dev.capsule.kiro.plist`);
  });

  test.each([
    '/Volumes/Capsule/capsule-kiro',
    '/private/var/folders/x/AppTranslocation/1/d/capsule-kiro',
    '/Users/dev/bell\u0007/capsule-kiro',
  ])('is not given the program %j, which would not be there or could not be read', async (program) => {
    const { host } = given();
    expect(await launchd.render({ ...host, own: { ...host.own, program } })).toEqual({ why: expect.any(String) });
  });

  test('takes in a new registration: the old one out and gone, enabled, the new one in', async () => {
    const { host, ran, enable } = given({ bootout: [{ exitCode: 3, stderr: 'No such process' }] });
    expect(await enable()).toEqual({ from: 'now' });
    expect(ran).toEqual([
      `/bin/launchctl bootout ${agent}`,
      `/bin/launchctl print ${agent}`,
      `/bin/launchctl enable ${agent}`,
      `/bin/launchctl bootstrap gui/${uid} ${launchd.file(host)}`,
    ]);
  });

  test('waits for the old one to end, at most 25 seconds', async () => {
    const ending = { exitCode: 0 };
    const soon = given({ bootout: [{ exitCode: 36 }], print: [ending, ending, { exitCode: 113 }] });
    expect(await soon.enable()).toEqual({ from: 'now' });
    expect(soon.pauses).toEqual([250, 250]);
    const never = given({ print: [ending] });
    expect(await never.enable()).toEqual({ from: 'now' });
    expect(never.pauses.reduce((sum, ms) => sum + ms, 0)).toBe(25_000);
  });

  test('that says input/output error is asked again after one, two and four seconds, then quoted', async () => {
    const error = {
      exitCode: 5,
      stderr: 'Bootstrap failed: 5: Input/output error\nTry re-running the command as root.\n',
    };
    const heals = given({ bootstrap: [error, error, { exitCode: 0 }] });
    expect(await heals.enable()).toEqual({ from: 'now' });
    expect(heals.pauses).toEqual([1_000, 2_000]);
    const stays = given({ bootstrap: [error] });
    expect(await stays.enable()).toEqual({
      from: 'never',
      why: 'launchctl bootstrap failed (5): Bootstrap failed: 5: Input/output error',
    });
    expect(stays.pauses).toEqual([1_000, 2_000, 4_000]);
    expect(stays.ran.filter((line) => line.includes(' bootout '))).toHaveLength(4);
  });

  test('without anybody at the screen runs it in the background, and says that it begins at the next login', async () => {
    const { host, ran, enable } = given({ bootstrap: [{ exitCode: 125 }, { exitCode: 0 }] });
    expect(await enable()).toEqual({ from: 'next-login', why: 'nobody is logged in at the screen' });
    expect(ran.at(-1)).toBe(`/bin/launchctl bootstrap user/${uid} ${launchd.file(host)}`);
  });

  test('forgets the registration wherever it was taken, and never the whole domain', async () => {
    const { host, ran } = given({ bootout: [{ exitCode: 3 }] });
    await launchd.disable(host);
    expect(ran).toEqual([`/bin/launchctl bootout ${agent}`, `/bin/launchctl bootout user/${uid}/dev.capsule.kiro`]);
  });

  const disabled = (how: string) => ({
    exitCode: 0,
    stdout: `disabled services = {\n\t"dev.capsule.kiro" => ${how}\n}\n`,
  });
  test.each([
    [disabled('enabled'), 0, true, 'launchctl print: loaded'],
    [disabled('enabled'), 113, false, 'launchctl print does not know it (113)'],
    [disabled('disabled'), 0, false, 'launchctl print-disabled names it'],
    [disabled('true'), 0, false, 'launchctl print-disabled names it'],
    [{ exitCode: 125 }, 113, null, 'nobody is logged in at the screen'],
  ])('is asked whether it starts it: %j and %i', async (list, exitCode, starts, said) => {
    const { host, ran } = given({ 'print-disabled': [list], print: [{ exitCode }] });
    expect(await launchd.ask(host)).toEqual({ starts, said, outlivesLogout: false });
    expect(ran[0]).toBe(`/bin/launchctl print-disabled gui/${uid}`);
  });

  test.each([
    [0, true],
    [113, false],
  ])('that answers a start with %i has started it: %s', async (exitCode, started) => {
    const { host, ran } = given({ kickstart: [{ exitCode }] });
    expect(await launchd.start(host)).toBe(started);
    expect(ran).toEqual([`/bin/launchctl kickstart ${agent}`]);
  });
});
