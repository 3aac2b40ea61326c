import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readTextAsset } from '../../src/core/assets.ts';
import { publishEndpoint } from '../../src/relay/published-endpoint.ts';
import { parseRing } from '../../src/relay/ring.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { type Dispatcher, fakeProgram, groupOf, placeDispatcher, run, SHELLS } from './dispatch.ts';

const SILENT = { exitCode: 0, stdout: '', stderr: '' };
const PATH = process.env.PATH;
const KIB = 1024;

const theRing = ({ rings }: Dispatcher): Record<string, unknown> => {
  expect(rings()).toHaveLength(1);
  return JSON.parse(rings()[0]?.text ?? '') as Record<string, unknown>;
};

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A daemon on the socket, as far as the dispatcher can tell. Resolves with the ring it is told. */
async function listening({ own }: Dispatcher, status = 200): Promise<{ told: Promise<string> }> {
  const told = Promise.withResolvers<string>();
  const server = http.createServer(async (request, response) => {
    let text = `${request.method} ${request.url} `;
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    response.writeHead(status).end('{}');
    told.resolve(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(own.socket, resolve));
  return { told: told.promise };
}

for (const { name, command, here } of SHELLS) {
  if (!here) {
    test.skip(`under ${name} (skipped where it is not installed)`, () => {});
    continue;
  }
  describe(`under ${name}`, () => {
    const env = (dispatcher: Dispatcher, surroundings = {}) => run([...command, dispatcher.script], surroundings);
    const stdin = (dispatcher: Dispatcher, input: string | Buffer) =>
      run([...command, dispatcher.script, 'stdin'], { input });

    test('0.x: rings with its folder, silently, though stdin stays open', async () => {
      const dispatcher = placeDispatcher();
      const cwd = tempFolder();
      expect(await env(dispatcher, { cwd })).toMatchObject(SILENT);
      expect(theRing(dispatcher)).toEqual({ from: 'env', cwd, payload: {} });
    });

    test('1.x: rings with what Kiro writes, silently', async () => {
      const dispatcher = placeDispatcher();
      const payload = { session_id: 'sess_1', hook_event_name: 'Stop', cwd: '/home/dev/“demo”\n' };
      expect(await stdin(dispatcher, JSON.stringify(payload))).toMatchObject(SILENT);
      expect(theRing(dispatcher)).toEqual(payload);
    });

    test('names the ring after its process, and lets only its owner read it', async () => {
      const dispatcher = placeDispatcher();
      const { pid } = await run(['/bin/sh', '-c', 'umask 0; exec "$@"', 'sh', ...command, dispatcher.script]);
      const [ring] = dispatcher.rings();
      expect(ring?.name).toBe(`${pid}-0.json`);
      expect(statSync(path.join(dispatcher.own.rings, `${pid}-0.json`)).mode & 0o777).toBe(0o600);
    });

    test('never writes over a ring of the same process number', async () => {
      const dispatcher = placeDispatcher();
      const first = `printf precious >'${dispatcher.own.rings}'/$$-0.json; exec "$@"`;
      const { pid } = await run(['/bin/sh', '-c', first, 'sh', ...command, dispatcher.script]);
      expect(dispatcher.rings().sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: `${pid}-0.json`, text: 'precious' },
        { name: `${pid}-1.json`, text: expect.stringContaining('"from":"env"') },
      ]);
    });

    test('takes 256 KiB of input whole, and of more only the beginning', async () => {
      const [whole, more] = [placeDispatcher(), placeDispatcher()];
      const payload = { session_id: 'sess_1', text: '' };
      payload.text = 'x'.repeat(256 * KIB - JSON.stringify(payload).length);
      const ran = await Promise.all([
        stdin(whole, JSON.stringify(payload)),
        stdin(more, Buffer.alloc(5 * KIB * KIB, '{"text":"')),
      ]);
      for (const each of ran) expect(each).toMatchObject(SILENT);
      expect(theRing(whole)).toEqual(payload);
      expect(more.rings()[0]?.text.length).toBeLessThan(257 * KIB);
    });

    test('is not impressed by what it is fed', async () => {
      const inputs = [
        '',
        'no JSON',
        '{"session_id":"sess_1"',
        '$(touch canary)`touch canary`',
        '%s%n\\n',
        Buffer.from([0, 1, 0xff, 0xfe, 10]),
      ];
      await Promise.all(
        inputs.map(async (input) => {
          const dispatcher = placeDispatcher();
          const cwd = tempFolder();
          expect(await run([...command, dispatcher.script, 'stdin'], { input, cwd })).toMatchObject(SILENT);
          expect(dispatcher.rings()).toHaveLength(1);
          expect(parseRing('ring', dispatcher.rings()[0]?.text ?? '', '')).toBeUndefined();
          expect(existsSync(path.join(cwd, 'canary'))).toBe(false);
        }),
      );
    });

    test.each([
      ['that is empty', '', {}],
      ['in words', 'Write "tests", please\nand $(run) `them` %s \\n', {}],
      ['in JSON', '{"session_id":"sess_1"}', { session_id: 'sess_1' }],
      [
        'in JSON with quotes and line breaks',
        '{"a":"\\"b\\"",\n"c":"$HOME %s \\\\ é"}',
        { a: '"b"', c: '$HOME %s \\ é' },
      ],
      ['that only begins like JSON', '{ is a brace', {}],
    ])('0.x: a USER_PROMPT %s', async (_, USER_PROMPT, payload) => {
      const dispatcher = placeDispatcher();
      expect(await env(dispatcher, { env: { PATH, USER_PROMPT } })).toMatchObject(SILENT);
      expect(theRing(dispatcher)).toMatchObject({ from: 'env', payload });
    });

    test('0.x: a USER_PROMPT of bytes that are no text', async () => {
      const dispatcher = placeDispatcher();
      const binary = `USER_PROMPT=$(printf '\\377\\376\\001"'); export USER_PROMPT; exec "$@"`;
      const ran = await run(['/bin/sh', '-c', binary, 'sh', ...command, dispatcher.script]);
      expect(ran).toMatchObject(SILENT);
      expect(theRing(dispatcher)).toMatchObject({ from: 'env', payload: {} });
    });

    test.each([
      ['with spaces', 'my work space', true],
      ['outside ASCII', 'žofie 🦆', true],
      ['with shell characters', "$(id) `id` ; * 'x' %s", true],
      ['with a double quote', 'a"b', false],
      ['with a backslash', 'a\\b', false],
      ['with a line break', 'a\nb', false],
      ['with a tab', 'a\tb', false],
    ])('0.x: a folder %s', async (_, folder, told) => {
      const dispatcher = placeDispatcher();
      const cwd = path.join(tempFolder(), folder);
      mkdirSync(cwd);
      expect(await env(dispatcher, { cwd })).toMatchObject(SILENT);
      expect(theRing(dispatcher).cwd).toBe(told ? cwd : null);
    });

    test('0.x: a folder that is gone: no folder is told, and nothing is said but what the shell itself says', async () => {
      const dispatcher = placeDispatcher();
      const gone = (...then: string[]) =>
        run(['/bin/sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && unset PWD && exec "$@"', 'sh', ...then]);
      const empty = path.join(tempFolder(), 'empty.sh');
      writeFileSync(empty, '');
      const [bare, ran] = await Promise.all([gone(...command, empty), gone(...command, dispatcher.script)]);
      expect(ran).toMatchObject({ exitCode: 0, stdout: '', stderr: bare.stderr });
      // Some shells say `.`, which the daemon does not take for a folder.
      expect(parseRing('ring', dispatcher.rings()[0]?.text ?? '', '')).toMatchObject({ from: 'env', cwd: null });
    });

    test('without HOME and PATH it rings all the same', async () => {
      const dispatcher = placeDispatcher();
      const bare = ['/usr/bin/env', '-i', ...whereIs(command), dispatcher.script];
      expect(await run(bare)).toMatchObject(SILENT);
      expect(theRing(dispatcher)).toMatchObject({ from: 'env' });
    });

    test.each<[string, (dispatcher: Dispatcher) => void]>([
      ['our folder is gone', ({ own }) => rmSync(own.home, { recursive: true })],
      ['the rings folder is gone', ({ own }) => rmSync(own.rings, { recursive: true })],
      [
        'the rings folder is a file',
        ({ own }) => {
          rmSync(own.rings, { recursive: true });
          writeFileSync(own.rings, '');
        },
      ],
      ['the rings folder takes no files', ({ own }) => chmodSync(own.rings, 0o555)],
      ['capsule-home is gone', ({ script }) => rmSync(path.join(path.dirname(script), 'capsule-home'))],
      ['capsule-home is empty', ({ script }) => writeFileSync(path.join(path.dirname(script), 'capsule-home'), '')],
    ])('does no harm where %s', async (_, spoil) => {
      const dispatcher = placeDispatcher();
      spoil(dispatcher);
      const unprivileged = true;
      expect(await run([...command, dispatcher.script], { unprivileged })).toMatchObject(SILENT);
      expect(await run([...command, dispatcher.script, 'stdin'], { unprivileged, input: '{}' })).toMatchObject(SILENT);
      if (statSync(dispatcher.own.rings, { throwIfNoEntry: false })?.isDirectory())
        expect(dispatcher.rings()).toEqual([]);
    });

    test('its child outlives it in another process group, holds none of its pipes, and starts the daemon', async () => {
      const dispatcher = placeDispatcher();
      const started = fakeProgram(dispatcher.own);
      const { pid, ...ran } = await env(dispatcher);
      expect(ran).toEqual(SILENT);
      const program = await started;
      expect(program).toMatchObject({ home: dispatcher.own.home, args: 'start' });
      const { group, session } = groupOf(program.pid);
      expect(group).not.toBe(pid);
      expect(session).not.toBe(pid);
    });

    test('its child tells a daemon that listens about the ring, and starts none', async () => {
      const dispatcher = placeDispatcher();
      const { told } = await listening(dispatcher);
      await stdin(dispatcher, '{"session_id":"sess_1"}');
      const [ring] = dispatcher.rings();
      expect(await told).toBe(`POST /v1/ring?name=${ring?.name} ${ring?.text}`);
    });
  });
}

/** With the whole path of the program, for an environment that has no PATH. */
function whereIs([program = '', ...args]: readonly string[]): string[] {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' });
  return [stdout.trim(), ...args];
}

describe('the knock', () => {
  const tool = (name: string) => whereIs([name])[0] ?? '';

  /** A ring, a program that tells when it was started, and the knock run to its end. */
  async function knock(dispatcher: Dispatcher, env: NodeJS.ProcessEnv = {}): Promise<boolean> {
    const ring = path.join(dispatcher.own.rings, '7-0.json');
    const canary = path.join(dispatcher.own.home, 'started');
    writeFileSync(ring, '{"from":"env","payload":{}}\n');
    writeFileSync(dispatcher.own.program, '#!/bin/sh\n: >"$CAPSULE_KIRO_HOME/started"\n', { mode: 0o755 });
    expect(await run(['/bin/sh', dispatcher.script, 'knock', ring], { env: { PATH, ...env } })).toMatchObject(SILENT);
    return existsSync(canary);
  }

  test('starts nothing when it was heard', async () => {
    const dispatcher = placeDispatcher();
    const { told } = await listening(dispatcher);
    expect(await knock(dispatcher)).toBe(false);
    expect(await told).toBe('POST /v1/ring?name=7-0.json {"from":"env","payload":{}}\n');
  });

  test('starts the daemon when nobody is there, and when what is there does not take it', async () => {
    const [alone, refused] = [placeDispatcher(), placeDispatcher()];
    await listening(refused, 500);
    expect(await knock(alone)).toBe(true);
    expect(await knock(refused)).toBe(true);
  });

  test('starts a daemon that cannot come up twice a minute at most, whatever happens to the clock', async () => {
    const dispatcher = placeDispatcher();
    const marker = path.join(dispatcher.own.home, 'run', 'started');
    const startsAgain = async () => {
      rmSync(path.join(dispatcher.own.home, 'started'), { force: true });
      return knock(dispatcher);
    };
    expect(await startsAgain()).toBe(true);
    expect(await startsAgain()).toBe(false);
    const now = Math.floor(Date.now() / 1_000);
    for (const then of [String(now - 31), String(now + 3_600), '', 'x[$(id)]', '-1']) {
      writeFileSync(marker, `${then}\n`);
      expect([then, await startsAgain()]).toEqual([then, true]);
      expect([then, await startsAgain()]).toEqual([then, false]);
    }
  });

  test('starts the daemon on a machine without curl', async () => {
    const tools = tempFolder();
    for (const name of ['head', 'sh']) symlinkSync(tool(name), path.join(tools, name));
    const dispatcher = placeDispatcher((text) => text.replace(/^PATH=.*$/m, `PATH='${tools}'`));
    await listening(dispatcher);
    expect(await knock(dispatcher)).toBe(true);
  });

  test('is heard whatever proxy the environment names, and whatever the user set for curl', async () => {
    const dispatcher = placeDispatcher();
    const home = tempFolder();
    writeFileSync(path.join(home, '.curlrc'), 'head\nproxy = http://127.0.0.1:1\noutput = /dev/full\n');
    const { told } = await listening(dispatcher);
    const proxies = { http_proxy: 'http://127.0.0.1:1', ALL_PROXY: 'socks5://127.0.0.1:1' };
    expect(await knock(dispatcher, { HOME: home, ...proxies })).toBe(false);
    expect(await told).toContain('POST /v1/ring?name=7-0.json');
  });

  const bash = SHELLS.some(({ name, here }) => name === 'bash' && here) ? test : test.skip;
  bash(
    'leaves the hook’s process group also where there is no setsid, as on macOS (skipped without bash)',
    async () => {
      const dispatcher = placeDispatcher((text) =>
        text.replaceAll('/usr/bin/setsid', '/no/setsid').replace('#!/bin/sh', `#!${tool('bash')} --posix`),
      );
      const started = fakeProgram(dispatcher.own);
      const { pid, ...ran } = await run([dispatcher.script]);
      expect(ran).toEqual(SILENT);
      expect(groupOf((await started).pid).group).not.toBe(pid);
    },
  );
});

describe('whether to knock', () => {
  const endpoint = (pid: number) => ({ pid, v: 1 as const, socket: '/s', version: '1', startedAt: 'now' });
  const linux = process.platform === 'linux' ? test : test.skip;

  /** Rings three times while the daemon takes only the first: had that one knocked, it would have been heard before. */
  async function knocksForTheSecondOnly(dispatcher: Dispatcher) {
    const { told } = await listening(dispatcher);
    await run(['/bin/sh', dispatcher.script]);
    const [first] = dispatcher.rings();
    await run(['/bin/sh', dispatcher.script]);
    const second = dispatcher.rings().find(({ name }) => name !== first?.name);
    expect(await told).toContain(`name=${second?.name} `);
  }

  test('depends on the daemon: one that lives, by its number, is left alone until it leaves a ring lying', async () => {
    const dispatcher = placeDispatcher();
    const started = fakeProgram(dispatcher.own);
    await run(['/bin/sh', dispatcher.script]);
    publishEndpoint({ own: dispatcher.own, platform: 'darwin' }, endpoint((await started).pid));
    for (const { name } of dispatcher.rings()) rmSync(path.join(dispatcher.own.rings, name));
    await knocksForTheSecondOnly(dispatcher);
  });

  linux('depends on the daemon: one that holds its endpoint open is left alone likewise (needs /proc)', async () => {
    const dispatcher = placeDispatcher();
    const published = publishEndpoint({ own: dispatcher.own, platform: 'linux' }, endpoint(process.pid));
    await knocksForTheSecondOnly(dispatcher);
    published.withdraw();
  });

  linux('is not decided by another process that got the daemon’s number (needs /proc)', async () => {
    const dispatcher = placeDispatcher();
    publishEndpoint({ own: dispatcher.own, platform: 'linux' }, endpoint(process.pid)).release();
    const started = fakeProgram(dispatcher.own);
    await run(['/bin/sh', dispatcher.script]);
    expect(await started).toMatchObject({ args: 'start' });
  });

  linux('is asked for the first eight rings that a living daemon leaves lying, then for every eighth', async () => {
    const dispatcher = placeDispatcher();
    const published = publishEndpoint({ own: dispatcher.own, platform: 'linux' }, endpoint(process.pid));
    const heard: (string | null)[] = [];
    const last = Promise.withResolvers<void>();
    const server = http.createServer((request, response) => {
      heard.push(new URL(request.url ?? '', 'http://local').searchParams.get('name'));
      response.end('{}');
      if (heard.length === 10) last.resolve();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(dispatcher.own.socket, resolve));
    const rung: string[] = [];
    for (let lying = 0; lying < 24; lying++) rung.push(`${(await run(['/bin/sh', dispatcher.script])).pid}-0.json`);
    await last.promise;
    expect(heard.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 15, 23].map((lying) => rung[lying]).sort());
    published.withdraw();
  });
});

describe('the script', () => {
  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0 ? test : test.skip;
  shellcheck('is one that shellcheck has nothing to say about (skipped without shellcheck: install it)', () => {
    const args = ['--shell=sh', '--severity=style', '-'];
    const { stdout } = spawnSync('shellcheck', args, {
      input: readTextAsset('installer-assets/capsule-dispatch.sh'),
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  test('holds no address, no port and no secret, and fits on one screen', () => {
    const text = readTextAsset('installer-assets/capsule-dispatch.sh');
    expect(text.match(/https?:\/\/[^/ ]+/g)).toEqual(['http://local']);
    expect(text).not.toMatch(/token|bearer|secret=|127\.0\.0\.1|localhost/i);
    expect(text.split('\n').length).toBeLessThanOrEqual(60);
  });
});
