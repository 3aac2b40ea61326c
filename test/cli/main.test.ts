import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tempFolder } from '../helpers/temp-home.ts';

const PROGRAM = path.join(import.meta.dirname, '..', '..', 'bin', 'capsule-kiro');
const VERSION = /^\d+\.\d+\.\d+\n$/;

/** The real program, in a home where it was never installed. */
function capsule(args: string[], env: NodeJS.ProcessEnv = {}) {
  const home = tempFolder();
  const child = spawn(PROGRAM, args, {
    env: { PATH: process.env.PATH, HOME: home, CAPSULE_KIRO_HOME: path.join(home, 'own'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  return new Promise<typeof out & { exitCode: number | null }>((resolve) => {
    child.on('close', (exitCode) => resolve({ ...out, exitCode }));
  });
}

describe.each(['plain', '--json'])('the program, %s', (how) => {
  const json = how === '--json' ? ['--json'] : [];

  test('answers on standard output and says with its exit code that something needs you', async () => {
    const { exitCode, stdout, stderr } = await capsule(['status', ...json]);
    expect([exitCode, stderr]).toEqual([3, '']);
    if (json.length === 0) expect(stdout).toContain('capsule-kiro install');
    else expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, installed: false, daemon: null });
  });

  test('refuses a command line it does not understand with exit code 2', async () => {
    const { exitCode, stdout, stderr } = await capsule(['instal', ...json]);
    expect(exitCode).toBe(2);
    const said = 'There is no command called instal';
    if (json.length === 0) {
      expect(stdout).toBe('');
      expect(stderr).toBe(`Error ${said}\n      See them with: capsule-kiro --help\n`);
    } else {
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({
        schemaVersion: 1,
        error: { code: 'usage', message: said, hint: 'See them with: capsule-kiro --help' },
      });
    }
  });

  test('tells what it cannot do in one sentence with exit code 1, not as a bug', async () => {
    const blocked = path.join(tempFolder(), 'file');
    writeFileSync(blocked, '');
    const own = path.join(blocked, 'own');
    const { exitCode, stdout, stderr } = await capsule(['config', 'set', 'content.level', 'off', ...json], {
      CAPSULE_KIRO_HOME: own,
    });
    expect(exitCode).toBe(1);
    if (json.length === 0) {
      expect(stdout).toBe('');
      expect(stderr).toMatch(new RegExp(`^Error .*${own}.*\\n {6}\\S.*\\n$`));
    } else {
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: 'file-unwritable', message: expect.stringContaining(own) },
      });
    }
  });
});

test('the version is told by itself, and an empty command line gets the overview with exit code 2', async () => {
  const [version, word, nothing] = await Promise.all([capsule(['--version']), capsule(['version']), capsule([])]);
  expect(version).toEqual({ exitCode: 0, stdout: expect.stringMatching(VERSION), stderr: '' });
  expect(word).toEqual(version);
  expect(nothing).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('capsule-kiro <command>'), stderr: '' });
});

test('colours are for terminals only', async () => {
  const { stderr } = await capsule(['instal'], { TERM: 'xterm-256color' });
  expect(stderr).not.toContain('\u001b');
});
