import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether no process has this number any more, or only its remains: where the parent does not take a dead process away (a
 * container's first process, a program that is busy), its number stays taken, and asking for it by a signal succeeds.
 */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  try {
    // The program's name stands in brackets and may hold anything.
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
    // Its first thread dies before the others, which hold its locks until then.
    return state === 'Z' && readdirSync(`/proc/${pid}/task`).length === 1;
  } catch {
    return false;
  }
}
