/** The real installer, run by every shell that is here, against a real server that hands out a stand-in for the executable. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderInstaller } from '../../src/portal/installers/render-installer.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { SHELLS } from './dispatch.ts';

const CODE = '7KQF-2M9X-RT4B-8WZA';
const NAME = `capsule-kiro-${process.platform === 'darwin' ? 'darwin' : 'linux'}-${process.arch}`;

/** Writes down how it was started, what came by stdin, and where it lay; ends as it is told. */
const STAND_IN = `#!/bin/sh
[ "$1" = --version ] && { echo 1.2.3; exit 0; }
printf '%s\\n' "$@" >"$HOME/arguments"
cat >"$HOME/stdin"
printf '%s\\n' "$0" >"$HOME/lay-at"
exit "\${STAND_IN_EXIT:-0}"
`;

const requests: string[] = [];
let body = STAND_IN;
const server = createServer((request, response) => {
  requests.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
  if (request.url !== `/v1/download/${NAME}`) response.writeHead(404);
  response.end(body);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

const portal = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const installer = (words: string[] = [], sum = sha256(STAND_IN), name = NAME) =>
  renderInstaller('linux', {
    portal: portal(),
    code: CODE,
    expires: '2026-12-01T00:00:00Z',
    executables: [
      { name, bytes: 1, sha256: sum, file: '' },
      { name: 'capsule-kiro-win-x64.exe', bytes: 1, sha256: '00'.repeat(32), file: '' },
    ],
    words,
  });

interface Installed {
  home: string;
  exitCode: number | null;
  stderr: string;
  said(name: string): string;
}

interface How {
  shell?: readonly string[];
  text?: string;
  env?: NodeJS.ProcessEnv;
  beside?: string;
}

async function install({ shell = ['/bin/sh'], text = installer(), env = {}, beside }: How = {}): Promise<Installed> {
  const home = path.join(tempFolder(), 'a home');
  mkdirSync(home);
  const file = path.join(home, 'capsule-kiro-install.sh');
  writeFileSync(file, text);
  if (beside !== undefined) writeFileSync(path.join(home, NAME), beside);
  const [program = '', ...args] = shell;
  const child = spawn(program, [...args, file], { env: { PATH: process.env.PATH, HOME: home, ...env }, stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => (stderr += more));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { home, exitCode, stderr, said: (name) => readFileSync(path.join(home, name), 'utf8') };
}

const shells = SHELLS.filter(({ here }) => here);
/** Only these programs can be found. */
function pathOf(...programs: string[]): string {
  const folder = tempFolder();
  for (const program of programs) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, path.join(folder, program));
  }
  return folder;
}
const NEEDED = ['uname', 'mktemp', 'dirname', 'chmod', 'rm', 'cat', 'sh'];

describe('install.sh', () => {
  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0 ? test : test.skip;
  shellcheck('is one that shellcheck has nothing to say about (skipped without shellcheck: install it)', () => {
    const check = spawnSync('shellcheck', ['--shell=sh', '-'], { input: installer(), encoding: 'utf8' });
    expect(check.stdout).toBe('');
    expect(check.status).toBe(0);
  });

  for (const { name, command } of shells) {
    test(`fetches, verifies and runs the executable under ${name}`, async () => {
      const before = requests.length;
      const done = await install({ shell: command, text: installer(['--hooks', 'user']) });
      expect(done.stderr).toContain(`Fetching ${NAME}`);
      expect(done.exitCode).toBe(0);
      expect(done.said('arguments').trim().split('\n')).toEqual([
        'install',
        '--portal',
        portal(),
        '--code-stdin',
        '--hooks',
        'user',
      ]);
      expect(done.said('stdin')).toBe(`${CODE}\n`);
      // The executable is nobody's secret; the code goes to the program alone.
      expect(requests.slice(before)).toEqual([`/v1/download/${NAME}`]);
      expect(existsSync(path.dirname(done.said('lay-at').trim()))).toBe(false);
    });
  }

  test('passes on how the installation ended', async () => {
    expect((await install({ env: { STAND_IN_EXIT: '3' } })).exitCode).toBe(3);
  });

  test('uses an executable that lies beside it, and asks nobody', async () => {
    const before = requests.length;
    const done = await install({ beside: STAND_IN });
    expect(done.exitCode).toBe(0);
    expect(requests.length).toBe(before);
    expect(done.said('stdin')).toBe(`${CODE}\n`);
  });

  test.each([
    ['from the portal', undefined],
    ['from beside it', `${STAND_IN}# changed\n`],
  ])('runs nothing of an executable %s whose checksum is another, and leaves nothing', async (_, beside) => {
    body = `${STAND_IN}# changed\n`;
    const done = await install({ ...(beside !== undefined && { beside }) });
    body = STAND_IN;
    expect(done.exitCode).toBe(1);
    expect(done.stderr).toContain('is not what your administrator released');
    expect(existsSync(path.join(done.home, 'arguments'))).toBe(false);
    expect(readdirSync(done.home).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('says which executable the portal lacks', async () => {
    const done = await install({ text: installer([], undefined, 'capsule-kiro-linux-sparc') });
    expect(done.exitCode).toBe(1);
    expect(done.stderr).toContain(`this portal has no ${NAME}`);
  });

  test('says what to do when the portal does not answer', async () => {
    const done = await install({ text: installer().replaceAll(portal(), 'http://127.0.0.1:1') });
    expect(done.exitCode).toBe(1);
    expect(done.stderr).toContain('Check the network and the proxy');
  });

  const tools = spawnSync('sh', [
    '-c',
    'command -v wget && command -v shasum && command -v openssl && command -v curl',
  ]);
  const all = tools.status === 0 ? test : test.skip;
  all('makes do with wget, and with shasum or openssl (skipped where one is missing)', async () => {
    for (const [fetcher, summer] of [
      ['wget', 'openssl'],
      ['curl', 'shasum'],
    ] as const) {
      const done = await install({ env: { PATH: pathOf(...NEEDED, fetcher, summer) }, shell: ['/bin/sh'] });
      expect({ fetcher, ...done }).toMatchObject({ exitCode: 0 });
    }
  });

  test('says what is missing when nothing here can fetch or verify', async () => {
    expect((await install({ env: { PATH: pathOf(...NEEDED, 'sha256sum') } })).stderr).toContain(
      'neither curl nor wget',
    );
    expect((await install({ env: { PATH: pathOf(...NEEDED, 'curl') } })).stderr).toContain('can compute a SHA-256');
  });

  test('does nothing at all when it was cut off on its way, at whatever byte', () => {
    const folder = tempFolder();
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const text = installer();
    writeFileSync(path.join(folder, 'whole.sh'), text);
    // Whatever it starts leaves its name behind.
    const traps = path.join(folder, 'bin');
    mkdirSync(traps);
    for (const name of [...NEEDED, 'curl', 'wget', 'sha256sum', 'sysctl']) {
      writeFileSync(path.join(traps, name), `#!/bin/sh\n: >"${folder}/started-${name}"\n`);
      chmodSync(path.join(traps, name), 0o755);
    }
    const before = requests.length;
    // Bash's own means cut and write: a program more for each byte would double the time.
    const each = `text=$(<"$1/whole.sh") && for ((i = 0; i < \${#text}; i++)); do
        printf %s "\${text:0:i}" >"$1/cut.sh"
        HOME=$1/home PATH=$1/bin /bin/sh "$1/cut.sh" </dev/null >/dev/null 2>&1
      done; echo "$i"`;
    const cuts = spawnSync('bash', ['-c', each, 'bash', folder], { env: { LC_ALL: 'C' }, encoding: 'utf8' });
    expect(Number(cuts.stdout)).toBe(Buffer.byteLength(text.trimEnd()));
    expect(readdirSync(folder).filter((name) => name.startsWith('started-'))).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
    expect(requests.length).toBe(before);
    // The same traps are sprung by the whole of it: the test can fail.
    spawnSync('/bin/sh', [path.join(folder, 'whole.sh')], { env: { HOME: home, PATH: traps } });
    expect(readdirSync(folder)).toContain('started-uname');
  });
});
