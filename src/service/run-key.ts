import path from 'node:path';
import type { Host, Ran } from '../core/host.ts';
import { firstLine } from './first-line.ts';
import { unfit } from './plain-path.ts';
import type { Service } from './service.ts';
import { consoleHost, systemTool } from './task-scheduler.ts';

const KEY = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';
/** Where Windows notes what its user switched off. */
const APPROVED = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run';
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
    if (exitCode !== 0) return { starts: false, said: 'reg query does not find it', outlivesLogout: false };
    const approved = await reg(host, ['query', APPROVED, '/v', NAME]);
    const off = isSwitchedOff(approved.stdout);
    const said = off ? 'switched off by its user among the start-up apps' : 'reg query finds it';
    return { starts: !off, said, outlivesLogout: false };
  },
};

/**
 * Whether `reg query` shows an entry that was switched off: its first byte is odd then. Microsoft writes that down nowhere,
 * and it has not been seen here. What is not there is on. Pure.
 */
export function isSwitchedOff(queried: string): boolean {
  const [, byte = '0'] = /\bREG_BINARY\s+([0-9a-f]{2})/i.exec(queried) ?? [];
  return Number.parseInt(byte, 16) % 2 === 1;
}

/** The command line that the value holds: without a window, which a console program would else open at each login. */
function runCommand(host: Pick<Host, 'env' | 'own'>): string {
  return `"${consoleHost(host)}" --headless "${host.own.program}" run`;
}

function reg(host: Host, args: string[]): Promise<Ran> {
  return host.run(systemTool(host, 'reg.exe'), args);
}
