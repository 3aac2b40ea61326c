/**
 * A disk that fails at any moment: each system call that makes something durable is made to fail in turn, once and from then
 * on, while everything is attached and while it is taken away. All of them with `FUZZ_RUNS`, else every sixth.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ownPathsIn } from '../../src/core/host.ts';
import { detach } from '../../src/kiro/detach.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning'];
const PROGRAM = fileURLToPath(new URL('../helpers/attach-once.ts', import.meta.url));
const CALLS = { fsync: 'EIO', rename: 'EPERM', write: 'ENOSPC', pwrite64: 'ENOSPC', unlink: 'EIO' } as const;
type Call = keyof typeof CALLS;
const SKIP = process.env.FUZZ_RUNS === undefined ? 4 : 1;
const AT_ONCE = 2;

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
if (!hasStrace) process.stderr.write('SKIPPED: faults of the disk, because strace is missing or not allowed here\n');

const FILES = {
  '.config/Kiro/User/settings.json': '\uFEFF{\r\n\t"a": 1, // mine\r\n}',
  '.kiro/settings/permissions.yaml': '# mine\nrules:\n  - capability: shell\n    effect: ask\n    match: [rm *]\n',
  'demo/.git/HEAD': 'ref: refs/heads/main\n',
  'demo/.git/objects/x': '',
  'demo/.git/info/exclude': '# mine',
};

function aHome(): string {
  const home = path.join(tempFolder(), 'home');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    writeFileSync(path.join(home, name), text);
  }
  return home;
}

/** Each file outside our own folder with its text, and each folder. */
function contents(home: string): Record<string, string> {
  const all = readdirSync(home, { recursive: true, withFileTypes: true }).map((it) => {
    const file = path.join(it.parentPath, it.name);
    return [path.relative(home, file), it.isFile() ? readFileSync(file, 'latin1') : 'folder'] as const;
  });
  return Object.fromEntries(all.filter(([file]) => file !== 'own' && !file.startsWith('own/')).sort());
}

const temporaries = (home: string) =>
  readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));

interface Reached {
  call: Call;
  nth: number;
  /** Whether it is about our own database. */
  own: boolean;
}

interface Ended {
  code: number | null;
  signal: string | null;
  said: string;
}

/** Runs the program under strace, `options` deciding what it traces and breaks. */
function run(home: string, what: 'attach' | 'detach', options: readonly string[]): Promise<Ended> {
  const node = [process.execPath, ...NODE_OPTIONS, PROGRAM, home];
  const args = ['-f', '--seccomp-bpf', '-qq', '-y', ...options, ...node, ...(what === 'detach' ? ['detach'] : [])];
  return new Promise((resolve) => {
    const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', (code, signal) => resolve({ code, signal, said }));
  });
}

/** Which calls of the main thread, counted from 1 in a run without faults, touch something below the home. Others are Node's own and left alone. */
async function countCalls(home: string, what: 'attach' | 'detach'): Promise<Reached[]> {
  const log = path.join(path.dirname(home), 'trace');
  await run(home, what, ['-o', log, '-e', `trace=execve,${Object.keys(CALLS).join(',')}`]);
  const lines = readFileSync(log, 'utf8').split('\n');
  const main = lines[0]?.split(' ')[0] ?? '';
  const seen = new Map<string, number>();
  return lines.flatMap((line) => {
    const match = new RegExp(`^${main} +(\\w+)\\((.*)`).exec(line);
    const [, call = '', rest = ''] = match ?? [];
    if (!(call in CALLS)) return [];
    const nth = (seen.get(call) ?? 0) + 1;
    seen.set(call, nth);
    return rest.includes(home) ? [{ call: call as Call, nth, own: rest.includes('attachments.db') }] : [];
  });
}

describe('a disk that fails', () => {
  const original = contents(aHome());

  async function eachFault(
    calls: readonly Reached[],
    prepare: () => Promise<string>,
    what: 'attach' | 'detach',
    judge: (home: string, ended: Ended, fault: string) => void,
  ): Promise<number> {
    const every = (own: boolean, step: number) =>
      calls.filter((each) => each.own === own).filter((_each, index) => index % step === 0);
    const faults = [...every(false, SKIP), ...every(true, 3 * SKIP)].flatMap(({ call, nth }) => {
      const fault = `${call}:error=${CALLS[call]}:when=${nth}`;
      // Node wakes its own threads with `write` too, and gives up when that keeps failing.
      return call === 'write' ? [fault] : [fault, `${fault}+`];
    });
    const lane = async (mine: string[]) => {
      for (const fault of mine) {
        const home = await prepare();
        const ended = await run(home, what, [
          '-o',
          '/dev/null',
          '-e',
          `trace=${fault.split(':')[0]}`,
          '-e',
          `inject=${fault}`,
        ]);
        judge(home, ended, fault);
        rmSync(path.dirname(home), { recursive: true, force: true });
      }
    };
    const lanes = Array.from({ length: AT_ONCE }, (_none, lane) =>
      faults.filter((_f, index) => index % AT_ONCE === lane),
    );
    await Promise.all(lanes.map(lane));
    return faults.length;
  }

  /** Every file is as it was or as it is to be, and nothing half-written lies about. */
  function demandWhole(
    home: string,
    complete: Record<string, string>,
    { code, signal, said }: Ended,
    fault: string,
  ): void {
    expect([fault, signal, code === 0 || code === 1, said]).toEqual([fault, null, true, said]);
    for (const [name, text] of Object.entries(contents(home))) {
      expect([fault, name, [original[name], complete[name]].includes(text) || isPartOf(name, text)]).toEqual([
        fault,
        name,
        true,
      ]);
    }
    expect([fault, temporaries(home)]).toEqual([fault, []]);
  }

  /** The list of exclusions gets two lines, one after the other. */
  const isPartOf = (name: string, text: string) =>
    name.endsWith('info/exclude') && /^# mine(\n\/\.kiro\/hooks\/capsule-stop\.\S+){0,2}\n?$/.test(text);

  function undoAll(home: string): void {
    detach({ ...tempHost({ home: path.dirname(home) }), home, own: ownPathsIn(path.join(home, 'own')) });
  }

  (hasStrace ? test : test.skip)(
    'while attaching leaves each file as it was or as it is to be, no temporary file, and all can be undone',
    async () => {
      const reference = aHome();
      const calls = await countCalls(reference, 'attach');
      const complete = contents(reference);
      expect(Object.keys(complete).length).toBeGreaterThan(Object.keys(original).length + 5);
      const tried = await eachFault(
        calls,
        async () => aHome(),
        'attach',
        (home, ended, fault) => {
          demandWhole(home, complete, ended, fault);
          undoAll(home);
          expect([fault, contents(home)]).toEqual([fault, original]);
        },
      );
      expect(tried).toBeGreaterThan(20);
    },
    600_000,
  );

  (hasStrace ? test : test.skip)(
    'while detaching leaves each file as it was or as it is to be, no temporary file, and a second run ends it',
    async () => {
      const attached = async () => {
        const home = aHome();
        expect(spawnSync(process.execPath, [...NODE_OPTIONS, PROGRAM, home]).status).toBe(0);
        return home;
      };
      const complete = contents(await attached());
      const calls = await countCalls(await attached(), 'detach');
      const tried = await eachFault(calls, attached, 'detach', (home, ended, fault) => {
        demandWhole(home, complete, ended, fault);
        undoAll(home);
        expect([fault, contents(home)]).toEqual([fault, original]);
      });
      expect(tried).toBeGreaterThanOrEqual(20);
    },
    600_000,
  );
});
