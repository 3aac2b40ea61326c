import path from 'node:path';
import type { Host, Ran } from '../core/host.ts';
import { firstLine } from './first-line.ts';
import { unfit } from './plain-path.ts';
import type { Service } from './service.ts';
import { consoleHost, systemTool } from './task-scheduler.ts';

const KEY = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const NAME = 'CapsuleKiro';

/**
 * The list of what Windows starts at logon, where the Task Scheduler is closed to users. It starts nothing again that
 * crashed. A user who switched it off on the Task Manager's page keeps it off: that is noted elsewhere, which we leave alone.
 */
export const runKey: Service = {
  kind: 'run-key',
  restarts: false,
  here: ({ platform }) => platform === 'win32',
  file: ({ own }) => path.join(own.home, 'autostart', 'run-key.txt'),
  async render(host) {
    const why = unfit(host.own.program, /"/);
    return why === undefined ? { bytes: Buffer.from(`${runCommand(host)}\r\n`) } : { why };
  },
  async enable(host) {
    const value = ['/v', NAME, '/t', 'REG_SZ', '/d', runCommand(host), '/f'];
    const { exitCode, stderr } = await reg(host, ['add', KEY, ...value]);
    return exitCode === 0 ? { from: 'now' } : { from: 'never', why: `reg add failed: ${firstLine(stderr)}` };
  },
  async disable(host) {
    await reg(host, ['delete', KEY, '/v', NAME, '/f']);
  },
  start: async () => false,
  async ask(host) {
    const { exitCode } = await reg(host, ['query', KEY, '/v', NAME]);
    const said = exitCode === 0 ? 'reg query finds it' : 'reg query does not find it';
    return { starts: exitCode === 0, said, outlivesLogout: false };
  },
};

/** The command line that the value holds: without a window, which a console program would else open at each login. */
function runCommand(host: Pick<Host, 'env' | 'own'>): string {
  return `"${consoleHost(host)}" --headless "${host.own.program}" run`;
}

function reg(host: Host, args: string[]): Promise<Ran> {
  return host.run(systemTool(host, 'reg.exe'), args);
}
