import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { launchd } from '../../src/service/launchd.ts';
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
    const input = JSON.stringify(PROGRAMS.map(launchd.render));
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
    const text = launchd.render('/Users/R&D <team>/bin/capsule-kiro');
    expect(text).toContain('<string>/Users/R&amp;D &lt;team&gt;/bin/capsule-kiro</string>');
    expect(text).not.toContain('{{');
  });
});

describe('launchd', () => {
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const given = (answers: Record<string, { exitCode: number; stderr?: string }> = {}) => {
    const { ran, run } = fakeRun((line) => answers[line.split(' ')[1] ?? ''] ?? {});
    return { ran, host: tempHost({ platform: 'darwin', run }) };
  };

  test('keeps the registration where it looks for it at login', () => {
    const { host } = given();
    expect(launchd.file(host)).toBe(`${host.home}/Library/LaunchAgents/dev.capsule.kiro.plist`);
  });

  test('takes in a new registration: the old one out, enabled, the new one in', async () => {
    const { host, ran } = given({ bootout: { exitCode: 3, stderr: 'No such process' } });
    expect(await launchd.enable(host)).toEqual({ from: 'now' });
    expect(ran).toEqual([
      `/bin/launchctl bootout ${domain}/dev.capsule.kiro`,
      `/bin/launchctl enable ${domain}/dev.capsule.kiro`,
      `/bin/launchctl bootstrap ${domain} ${launchd.file(host)}`,
    ]);
  });

  test('without anybody at the screen says that it begins at the next login', async () => {
    const { host } = given({ bootstrap: { exitCode: 125, stderr: 'Domain does not support specified action' } });
    expect(await launchd.enable(host)).toEqual({ from: 'next-login', why: 'nobody is logged in at the screen' });
  });

  test('that refuses is quoted with its code and first line', async () => {
    const stderr = 'Bootstrap failed: 5: Input/output error\nTry re-running the command as root.\n';
    const { host } = given({ bootstrap: { exitCode: 5, stderr } });
    expect(await launchd.enable(host)).toEqual({
      from: 'never',
      why: 'launchctl bootstrap failed (5): Bootstrap failed: 5: Input/output error',
    });
  });

  test('forgets the registration and stops what runs by it', async () => {
    const { host, ran } = given({ bootout: { exitCode: 3 } });
    await launchd.disable(host);
    expect(ran).toEqual([`/bin/launchctl bootout ${domain}/dev.capsule.kiro`]);
  });

  test.each([
    [0, true],
    [113, false],
  ])('that answers a start with %i has started it: %s', async (exitCode, started) => {
    const { host, ran } = given({ kickstart: { exitCode } });
    expect(await launchd.start(host)).toBe(started);
    expect(ran).toEqual([`/bin/launchctl kickstart ${domain}/dev.capsule.kiro`]);
  });
});
