/** `status --watch` on a real terminal: it takes the screen, follows its size, and gives it back as it was. */
import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { aMachine, PROGRAM, until } from '../helpers/machine.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

/** Runs a program on a terminal of its own: `k TEXT` types, `s ROWS COLUMNS` resizes, each on a line; at the end it says how the terminal is set. */
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
orders = b''
while True:
    ready, _, _ = select.select([master, 0], [], [], 0.05)
    if master in ready: os.write(1, os.read(master, 65536))
    if 0 in ready:
        orders += os.read(0, 4096)
        *lines, orders = orders.split(b'\\n')
        for line in lines:
            if line.startswith(b'k '): os.write(master, line[2:])
            if line.startswith(b's '): size(*map(int, line[2:].split()))
    done, status = os.waitpid(pid, os.WNOHANG)
    if done and not select.select([master], [], [], 0.1)[0]:
        same = termios.tcgetattr(slave) == before
        os.write(1, b'ENDED %d %s' % (os.waitstatus_to_exitcode(status), b'restored' if same else b'changed'))
        break
    if done: os.write(1, os.read(master, 65536))
`;

const python = spawnSync('python3', ['-c', 'import pty, termios']).status === 0 ? test : test.skip;

python.each([
  ['q', 'q'],
  ['Ctrl+C', '\u0003'],
])(
  '%s ends it and leaves the terminal as it was; a new size is drawn at once (skipped without python3: install it)',
  async (_name, key) => {
    const machine = aMachine();
    const child = spawn('python3', ['-c', ON_A_TERMINAL, PROGRAM, 'status', '--watch'], { env: machine.env });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await until(() => text.includes('q ends it'), 'it draws');
    expect(text.indexOf(ENTER)).toBeGreaterThanOrEqual(0);
    // 100 columns hold the sentence in one line, 40 do not.
    expect(text).toContain('capsule-kiro is not installed for this user. Install it with: capsule-kiro install');
    const drawn = text.length;
    child.stdin.write('s 24 40\n');
    await until(() => /not installed for this[^\n]*\r\n/.test(text.slice(drawn)), 'it is drawn in the new size');
    child.stdin.write(`k ${key}\n`);
    await ended;
    expect(text).toMatch(/ENDED 3 restored$/);
    const after = text.slice(text.lastIndexOf(LEAVE) + LEAVE.length);
    expect(text.split(ENTER)).toHaveLength(2);
    expect(text.split(LEAVE)).toHaveLength(2);
    expect(after).toContain('capsule-kiro is not installed for this');
    expect(after).not.toContain('\u001b');
  },
);
