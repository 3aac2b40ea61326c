/** Installs another processor's executable for real: the kernel itself starts it with qemu, so it can start itself as well. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beginSession, stopCommand1x, writeAfter, writeBefore } from '../../src/cli/demo/play-kiro.ts';
import { stageSession } from '../../src/cli/demo/script.ts';
import { TOP } from '../places.ts';
import { must, seen, start } from './started.ts';

const KERNEL = '/proc/sys/fs/binfmt_misc';
const NAME = 'capsule-kiro-verify';
/** Debian's name for the same, where its package registered it. */
const DEBIANS = 'qemu-aarch64';
/** The first bytes of a program for arm64, and which of their bits count. `F`: opened now, so that it works in any root. */
const MAGIC = '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00';
const MASK = '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff';

/**
 * Tells the kernel to start programs for arm64 with this qemu. Answers what takes that back; undefined where we may not tell it,
 * which takes root and `binfmt_misc`.
 */
export function letKernelEmulate(qemu: string): (() => void) | undefined {
  if (existsSync(path.join(KERNEL, DEBIANS))) return () => {};
  const mounted = existsSync(path.join(KERNEL, 'register'));
  if (!mounted && spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', KERNEL]).status !== 0) return undefined;
  const takeBack = () => {
    if (existsSync(path.join(KERNEL, NAME))) writeFileSync(path.join(KERNEL, NAME), '-1');
    if (!mounted) spawnSync('umount', [KERNEL]);
  };
  try {
    writeFileSync(path.join(KERNEL, 'register'), `:${NAME}:M::${MAGIC}:${MASK}:${qemu}:F`);
    return takeBack;
  } catch {
    takeBack();
    return undefined;
  }
}

/** Installs, plays one turn of Kiro 1.x with its hook, sees the turn's events, and uninstalls. Throws with what went wrong. */
export async function liveThrough(program: string, env: Record<string, string>, home: string): Promise<string> {
  const workspace = path.join(home, 'work');
  mkdirSync(workspace);
  // 1: the daemon took longer to answer than `install` waits, which under an emulator it may.
  const installed = start([program, 'install', '--no-service'], env);
  if (installed.status === null || installed.status === 2) throw new Error(`install: ${installed.stderr}`);
  const placed = path.join(home, '.local', 'share', 'capsule-kiro', 'bin', 'capsule-kiro');
  await seen('the daemon runs', () => /"pid":\d/.test(start([placed, 'status', '--json'], env).stdout));
  playTurn(home, workspace, env);
  await seen('the turn’s end was captured', () => must([placed, 'events', '--json'], env).includes('"turn.ended"'));
  must([placed, 'stop'], env);
  // There is no portal that its events could have gone to.
  must([placed, 'uninstall', '--purge'], env);
  if (existsSync(placed)) throw new Error('uninstall left the program');
  return 'the program that it placed started itself as the daemon';
}

function playTurn(home: string, workspace: string, env: Record<string, string>): void {
  const [meta = '', records = ''] = ['session.json', 'messages.jsonl'].map((name) =>
    readFileSync(path.join(TOP, 'installer-assets', 'demo', `written-${name}`), 'utf8'),
  );
  const session = stageSession(meta, records, workspace, new Date());
  const [turn] = session.turns;
  if (turn === undefined) throw new Error('the demo has no turn');
  beginSession(home, session);
  writeBefore(home, session, turn);
  const payload = JSON.stringify({ session_id: session.id, hook_event_name: 'Stop', cwd: workspace });
  must(['/bin/sh', '-c', stopCommand1x(home)], env, workspace, payload);
  writeAfter(home, session, turn);
}
