import { readFileSync } from 'node:fs';
import { MIB } from './figures.ts';

/** MiB of a process: resident; its share where pages are shared with others; of its own and written to. */
export interface Memory {
  rss: number;
  pss: number;
  dirty: number;
}

/** What the Linux kernel counts for this process now. */
export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) * 1024) / MIB;
  return { rss: mib('Rss'), pss: mib('Pss'), dirty: mib('Private_Dirty') };
}
