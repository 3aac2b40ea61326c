/** What a power failure leaves of files: what a program wrote to them, without what it never made the disk keep. */
import path from 'node:path';

/** How strace writes down all that `readTrace` needs. */
export const WRITES = ['-y', '-x', '-s', '1000000', '-e', 'trace=write,pwrite64,fsync,fdatasync,ftruncate,unlink'];

/** In the order in which a program did them; `said` is a line that it printed. */
export type Act =
  | { kind: 'write'; file: string; at: number; bytes: Buffer }
  | { kind: 'truncate'; file: string; length: number }
  | { kind: 'remove'; file: string }
  /** Of a folder: of what was removed from it. */
  | { kind: 'sync'; file: string }
  | { kind: 'said'; text: string };

/** Files by their path. */
export type Files = ReadonlyMap<string, Buffer>;

/** Reads strace's account. Calls that failed, and writes that do not say where, are left out. */
export function readTrace(text: string): Act[] {
  const begun = new Map<string, string>();
  return text.split('\n').flatMap((line) => {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const cut = rest.indexOf(' <unfinished ...>');
    if (cut >= 0) {
      begun.set(pid, rest.slice(0, cut));
      return [];
    }
    const [resumed] = /^<\.\.\. \w+ resumed>/.exec(rest) ?? [];
    const act = readCall(resumed === undefined ? rest : `${begun.get(pid)}${rest.slice(resumed.length)}`);
    return act === undefined ? [] : [act];
  });
}

function readCall(call: string): Act | undefined {
  if (!/\) += \d+$/.test(call)) return undefined;
  const [, name, fd = '', file = ''] = /^(\w+)\((?:(\d+)<([^>]*)>)?/.exec(call) ?? [];
  const string = /"((?:[^"\\]|\\.)*)"/.exec(call)?.[1] ?? '';
  const [last = ''] = /\d+(?=\) += \d+$)/.exec(call) ?? [];
  if (name === 'pwrite64') return { kind: 'write', file, at: Number(last), bytes: bytesOf(string) };
  if (name === 'ftruncate') return { kind: 'truncate', file, length: Number(last) };
  if (name === 'fsync' || name === 'fdatasync') return { kind: 'sync', file };
  if (name === 'unlink') return { kind: 'remove', file: bytesOf(string).toString() };
  return name === 'write' && fd === '1' ? { kind: 'said', text: bytesOf(string).toString() } : undefined;
}

const LETTERS: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12 };

function bytesOf(text: string): Buffer {
  if (/^(?:\\x..)*$/.test(text)) return Buffer.from(text.replaceAll('\\x', ''), 'hex');
  const bytes: number[] = [];
  for (const [, hex, octal, letter, plain] of text.matchAll(/\\x(..)|\\([0-7]{1,3})|\\(.)|([^\\])/gs)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(LETTERS[letter ?? ''] ?? (letter ?? plain ?? '').charCodeAt(0));
  }
  return Buffer.from(bytes);
}

/**
 * The power fails after each of the acts whose place `at` names. What was synced is there; of the rest, which a disk may
 * keep in any order, what `survives` says. Answers the files, and how many acts were done.
 */
export function* powerFailures(
  acts: readonly Act[],
  at: (done: number) => boolean,
  survives: () => boolean,
  before: Files = new Map(),
): Generator<{ done: number; files: Files }> {
  const kept = new Map(before);
  const pending: Change[] = [];
  for (const [index, act] of acts.entries()) {
    if (act.kind === 'sync') {
      const synced = (change: Change) =>
        change.file === act.file || (change.kind === 'remove' && path.dirname(change.file) === act.file);
      for (const change of pending.filter(synced)) apply(kept, change);
      pending.splice(0, pending.length, ...pending.filter((change) => !synced(change)));
    } else if (act.kind !== 'said') pending.push(act);
    if (!at(index + 1)) continue;
    const files = new Map([...kept].map(([file, bytes]) => [file, Buffer.from(bytes)]));
    for (const change of pending) if (survives()) apply(files, change);
    yield { done: index + 1, files };
  }
}

type Change = Exclude<Act, { kind: 'sync' | 'said' }>;

function apply(files: Map<string, Buffer>, change: Change): void {
  if (change.kind === 'remove') {
    files.delete(change.file);
    return;
  }
  const bytes = files.get(change.file) ?? Buffer.alloc(0);
  const length = change.kind === 'truncate' ? change.length : Math.max(bytes.length, change.at + change.bytes.length);
  const changed = bytes.length === length ? bytes : Buffer.concat([bytes], length);
  if (change.kind === 'write') change.bytes.copy(changed, change.at);
  files.set(change.file, changed);
}
