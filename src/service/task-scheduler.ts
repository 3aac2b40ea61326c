import path from 'node:path';
import { readTextAsset } from '../core/assets.ts';
import type { Host, Ran } from '../core/host.ts';
import { firstLine } from './first-line.ts';
import { unfit } from './plain-path.ts';
import type { Registration, Service } from './service.ts';

/**
 * A task of this user's at logon. Its trigger names the user: without that it means every user, which only an administrator
 * may register. Every five minutes it is tried again, which starts nothing while one runs, and so brings back what died.
 */
export const taskScheduler: Service = {
  kind: 'task-scheduler',
  restarts: true,
  here: ({ platform }) => platform === 'win32',
  file: ({ own }) => path.join(own.home, 'autostart', 'task.xml'),
  async render(host): Promise<Registration> {
    const user = await userId(host);
    if (user === undefined) return { why: 'Windows did not tell the identity of this user' };
    const why = unfit(host.own.program, /"/);
    return why === undefined ? { bytes: encodeTask(renderTask(host.own.program, user, consoleHost(host))) } : { why };
  },
  async enable(host) {
    const name = await taskName(host);
    const made = await schtasks(host, ['/Create', '/TN', name, '/XML', taskScheduler.file(host), '/F']);
    // Its message is in the user's language, so it is quoted and never read.
    if (made.exitCode !== 0) return { from: 'never', why: `schtasks /Create failed: ${firstLine(made.stderr)}` };
    const started = await schtasks(host, ['/Run', '/TN', name]);
    return started.exitCode === 0 ? { from: 'now' } : { from: 'next-login', why: firstLine(started.stderr) };
  },
  async disable(host) {
    const name = await taskName(host);
    await schtasks(host, ['/End', '/TN', name]);
    await schtasks(host, ['/Delete', '/TN', name, '/F']);
  },
  start: async (host) => (await schtasks(host, ['/Run', '/TN', await taskName(host)])).exitCode === 0,
  async ask(host) {
    const { exitCode, stdout } = await schtasks(host, ['/Query', '/TN', await taskName(host), '/XML']);
    // It runs with this user's own login, and ends with it.
    if (exitCode !== 0) return { starts: false, said: 'schtasks /Query does not know it', outlivesLogout: false };
    const off = stdout.includes('<Enabled>false</Enabled>');
    return { starts: !off, said: `schtasks /Query: ${off ? 'disabled' : 'ready'}`, outlivesLogout: false };
  },
};

/** The task's text. Pure but for the text it fills. */
export function renderTask(program: string, user: string, conhost: string): string {
  return readTextAsset('installer-assets/capsule-kiro.task.xml')
    .replaceAll('{{user}}', user)
    .replace('{{conhost}}', () => escapeXml(conhost))
    .replace('{{program}}', () => escapeXml(program));
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As the Task Scheduler writes and wants its files: UTF-16, least byte first, marked as such, lines ended as on Windows. */
export function encodeTask(text: string): Buffer {
  return Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le');
}

/** All users of a machine share one list of tasks, so the name tells whose it is. */
const taskName = async (host: Host) => `capsule-kiro-${(await userId(host)) ?? host.user}`;

async function userId(host: Host): Promise<string | undefined> {
  const { stdout } = await host.run(systemTool(host, 'whoami.exe'), ['/user', '/fo', 'csv', '/nh']);
  return /"(S-1-[0-9-]+)"\s*$/.exec(stdout)?.[1];
}

function schtasks(host: Host, args: string[]): Promise<Ran> {
  return host.run(systemTool(host, 'schtasks.exe'), args);
}

/**
 * What gives a console program a console without a window, with `--headless` (Windows 10 1809 and later; Microsoft documents it
 * nowhere, and it has not been run here).
 */
export const consoleHost = (host: Pick<Host, 'env'>): string => systemTool(host, 'conhost.exe');

/** A tool of Windows itself, by its whole path: what `PATH` finds first may be another's. */
export function systemTool({ env }: Pick<Host, 'env'>, name: string): string {
  return path.win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', name);
}
