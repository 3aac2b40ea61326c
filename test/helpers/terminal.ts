/** The program on a terminal of its own, as a person sits at. Needs python3. */
import { spawn, spawnSync } from 'node:child_process';
import { test } from '@jest/globals';
import { type Machine, PROGRAM, until } from './machine.ts';

/** `k TEXT` types, `s ROWS COLUMNS` resizes, each on a line; at the end it says how the terminal is set. */
const ON_A_TERMINAL = `
import fcntl, os, pty, select, signal, struct, sys, termios
size = lambda rows, columns: fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
master, slave = pty.openpty()
size(24, 100)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2): os.dup2(slave, fd)
    os.execvp(sys.argv[1], sys.argv[1:])
orders, done = b'', 0
while True:
    ready, _, _ = select.select([master, 0], [], [], 0.05)
    if master in ready: os.write(1, os.read(master, 65536))
    if 0 in ready:
        orders += os.read(0, 4096)
        *lines, orders = orders.split(b'\\n')
        for line in lines:
            if line.startswith(b'k '): os.write(master, line[2:])
            if line.startswith(b's '): size(*map(int, line[2:].split()))
    if not done: done, status = os.waitpid(pid, os.WNOHANG)
    if done and not select.select([master], [], [], 0.1)[0]:
        same = termios.tcgetattr(slave) == before
        os.write(1, b'ENDED %d %s' % (os.waitstatus_to_exitcode(status), b'restored' if same else b'changed'))
        break
    if done: os.write(1, os.read(master, 65536))
`;

/** `test` where there is a python3 that knows terminals. */
export const terminalTest = spawnSync('python3', ['-c', 'import pty, termios']).status === 0 ? test : test.skip;

export interface AtTerminal {
  /** Everything that was drawn so far; `ENDED <exit code> restored|changed` is its end. */
  text(): string;
  type(keys: string): void;
  resize(rows: number, columns: number): void;
  /** Looks until what was drawn since `from` holds this. */
  drawn(what: RegExp, from?: number): Promise<void>;
  ended: Promise<string>;
}

export function atTerminal({ env }: Pick<Machine, 'env'>, args: readonly string[]): AtTerminal {
  const child = spawn('python3', ['-c', ON_A_TERMINAL, PROGRAM, ...args], { env });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return {
    text: () => text,
    type: (keys) => void child.stdin.write(`k ${keys}\n`),
    resize: (rows, columns) => void child.stdin.write(`s ${rows} ${columns}\n`),
    drawn: async (what, from = 0) => void (await until(() => what.test(text.slice(from)), `it draws ${what}`)),
    ended: new Promise((resolve) => child.once('close', () => resolve(text))),
  };
}
