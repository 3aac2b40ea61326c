import type { Json } from '../../core/event.ts';
import { arrived, type ProbeReport } from './hop.ts';

const NAMES = { 'ide-0.x': 'Kiro 0.x', 'ide-1.x': 'Kiro 1.x' } as const;
const LABELS = { passed: 'ok', failed: 'FAIL', skipped: '-' } as const;

/** One line a hop, with the time since the hook was started, and what to do where it stopped. Pure. */
export function sayProbe(report: ProbeReport): string {
  const { generation, file, hops } = report;
  const lines = hops.flatMap(({ hop, status, at, detail, fix }) => {
    const time = at === null ? '' : `${at} ms`;
    const line = `${LABELS[status].padEnd(5)}${hop.padEnd(8)}${time.padStart(8)}   ${detail}`;
    return fix === null ? [line] : [line, `${'     fix'.padEnd(24)}${fix}`];
  });
  return [`${NAMES[generation]}: ${file}`, ...lines, sayEnd(report)].join('\n');
}

function sayEnd(report: ProbeReport): string {
  const last = report.hops.at(-1);
  const stopped = report.hops.find(({ status }) => status === 'failed')?.hop;
  if (arrived(report)) return `It arrived after ${last?.at ?? 0} ms; it is known there as ${report.id}.`;
  return last?.status === 'passed'
    ? `It arrived, but something is wrong at: ${stopped}.`
    : `It stopped at: ${stopped}.`;
}

/** The same for `--json`. Pure. */
export function probeAsJson(report: ProbeReport): { [key: string]: Json } {
  const { generation, file, id, hops } = report;
  const stoppedAt = hops.find(({ status }) => status === 'failed')?.hop ?? null;
  return { generation, file, id, arrived: arrived(report), stoppedAt, hops: hops.map((hop) => ({ ...hop })) };
}
