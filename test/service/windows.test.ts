/** The two ways of Windows. Only texts and command lines: there is no Windows here. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { isSwitchedOff, runKey } from '../../src/service/run-key.ts';
import { encodeTask, renderTask, taskScheduler } from '../../src/service/task-scheduler.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const SID = 'S-1-5-21-1004336348-1177238915-682003330-512';
const PROGRAM = 'C:\\Users\\R&D <x>\\AppData\\Local\\capsule-kiro\\bin\\capsule-kiro.exe';
const SYSTEM = 'C:\\Windows\\System32';
const CONHOST = `${SYSTEM}\\conhost.exe`;
const SCHEMA = fileURLToPath(new URL('../fixtures/windows-task.xsd', import.meta.url));

function given(answers: Record<string, { exitCode?: number; stdout?: string; stderr?: string }> = {}) {
  const { ran, run } = fakeRun((line) => {
    if (line.includes('whoami.exe')) return { stdout: `"MACHINE\\dev","${SID}"\r\n` };
    return answers[/ (\/\w+|add|delete|query) /.exec(line)?.[1] ?? ''] ?? {};
  });
  const host = tempHost({ platform: 'win32', run });
  const asked = () => ran.filter((line) => !line.includes('whoami.exe'));
  return { asked, host: { ...host, env: { SystemRoot: 'C:\\Windows' }, own: { ...host.own, program: PROGRAM } } };
}

const xmllint = spawnSync('xmllint', ['--version']).error === undefined ? test : test.skip;

describe('the task', () => {
  const lint = (bytes: Buffer) => {
    const file = path.join(tempFolder(), 'task.xml');
    writeFileSync(file, bytes);
    return spawnSync('xmllint', ['--noout', '--schema', SCHEMA, file], { encoding: 'utf8' });
  };

  xmllint('fits the schema of tasks, as far as it is used (skipped without xmllint: install libxml2-utils)', () => {
    const { status, stderr } = lint(encodeTask(renderTask(PROGRAM, SID, CONHOST)));
    expect({ status, stderr: stderr.replace(/\S+task\.xml/, 'it') }).toEqual({ status: 0, stderr: 'it validates\n' });
  });

  xmllint.each([
    ['LogonTrigger>', 'LogonTrigga>'],
    ['<Priority>7', '<Priority>70'],
    ['PT5M', '5 minutes'],
    ['<RunLevel>LeastPrivilege</RunLevel>', ''],
  ])('is checked by a schema that minds %j becoming %j', (right, wrong) => {
    expect(lint(encodeTask(renderTask(PROGRAM, SID, CONHOST).replaceAll(right, wrong))).status).not.toBe(0);
  });

  test('is for this user alone: its trigger names them, and so does its name', async () => {
    const { host, asked } = given();
    const registration = await taskScheduler.render(host);
    const text = 'bytes' in registration ? registration.bytes.toString('utf16le') : '';
    expect(text).toContain(`<UserId>${SID}</UserId>\r\n      <Delay>`);
    expect(text.startsWith('\ufeff<?xml version="1.0" encoding="UTF-16"?>\r\n')).toBe(true);
    expect(text).toContain('R&amp;D &lt;x&gt;');
    // Not by itself: a console program opens a window at each login.
    expect(text).toContain(`<Command>${CONHOST}</Command>\r\n      <Arguments>--headless "`);
    expect(text).not.toMatch(/\{\{|[^\r]\n/);
    expect(await taskScheduler.enable(host)).toEqual({ from: 'now' });
    expect(asked()).toEqual([
      `${SYSTEM}\\schtasks.exe /Create /TN capsule-kiro-${SID} /XML ${taskScheduler.file(host)} /F`,
      `${SYSTEM}\\schtasks.exe /Run /TN capsule-kiro-${SID}`,
    ]);
  });

  test('that is refused, in whatever language, is quoted', async () => {
    const { host } = given({ '/Create': { exitCode: 1, stderr: 'FEHLER: Zugriff verweigert\r\n' } });
    expect(await taskScheduler.enable(host)).toEqual({
      from: 'never',
      why: 'schtasks /Create failed: FEHLER: Zugriff verweigert',
    });
  });

  test('is not made when Windows does not tell who its user is', async () => {
    const { host } = given();
    expect(await taskScheduler.render({ ...host, run: tempHost().run })).toEqual({ why: expect.any(String) });
  });

  test.each([
    [{ stdout: '<Settings><Enabled>true</Enabled></Settings>' }, true, 'schtasks /Query: ready'],
    [{ stdout: '<Settings><Enabled>false</Enabled></Settings>' }, false, 'schtasks /Query: disabled'],
    [{ exitCode: 1 }, false, 'schtasks /Query does not know it'],
  ])('is asked for: %j', async (query, starts, said) => {
    const { host, asked } = given({ '/Query': query });
    expect(await taskScheduler.ask(host)).toEqual({ starts, said, outlivesLogout: false });
    expect(asked()).toEqual([`${SYSTEM}\\schtasks.exe /Query /TN capsule-kiro-${SID} /XML`]);
  });

  test('is ended and taken away', async () => {
    const { host, asked } = given();
    await taskScheduler.disable(host);
    expect(asked().map((line) => line.split(' ')[1])).toEqual(['/End', '/Delete']);
  });
});

describe('the Run key', () => {
  test('gets one value that runs the program, quoted, and loses it again', async () => {
    const { host, asked } = given();
    const key = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';
    expect(await runKey.enable(host)).toEqual({ from: 'now' });
    await runKey.disable(host);
    expect(asked()).toEqual([
      `${SYSTEM}\\reg.exe add ${key} /v CapsuleKiro /t REG_SZ /d "${CONHOST}" --headless "${PROGRAM}" run /f`,
      `${SYSTEM}\\reg.exe delete ${key} /v CapsuleKiro /f`,
    ]);
  });

  test('has a file that says what is in it', async () => {
    const { host } = given();
    expect(await runKey.render(host)).toEqual({ bytes: Buffer.from(`"${CONHOST}" --headless "${PROGRAM}" run\r\n`) });
  });

  test('is asked for', async () => {
    expect(await runKey.ask(given().host)).toMatchObject({ starts: true, said: 'reg query finds it' });
    const gone = await runKey.ask(given({ query: { exitCode: 1 } }).host);
    expect(gone).toMatchObject({ starts: false, said: 'reg query does not find it' });
  });

  // As Windows 10 notes it: an even first byte is on, an odd one off, then the time of that.
  test.each([
    ['020000000000000000000000', false],
    ['060000000000000000000000', false],
    ['030000008A4C3F1B2E5DDA01', true],
    ['0700000000000000AB5DDA01', true],
  ])('that its user switched off among the start-up apps does not start: %s', async (value, off) => {
    const queried = `\r\nHKEY_CURRENT_USER\\…\\Run\r\n    CapsuleKiro    REG_BINARY    ${value}\r\n\r\n`;
    expect(isSwitchedOff(queried)).toBe(off);
    const { asked, host } = given({ query: { stdout: queried } });
    expect(await runKey.ask(host)).toMatchObject({ starts: !off });
    expect(asked().at(-1)).toMatch(/reg\.exe query HKCU.*\\Explorer\\StartupApproved\\Run \/v CapsuleKiro$/);
  });

  test.each(['', 'ERROR: The system was unable to find the specified registry key.\r\n', 'REG_BINARY', '03'])(
    'of which nothing is noted there is on: %j',
    (queried) => expect(isSwitchedOff(queried)).toBe(false),
  );

  test('that may not be written is quoted', async () => {
    const { host } = given({ add: { exitCode: 1, stderr: 'ERROR: Access is denied.\r\n' } });
    expect(await runKey.enable(host)).toEqual({ from: 'never', why: 'reg add failed: ERROR: Access is denied.' });
  });
});

test('the schema says what it is', () => {
  expect(readFileSync(SCHEMA, 'utf8')).toContain('written for this project');
});
