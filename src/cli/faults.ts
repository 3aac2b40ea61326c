import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { CrashRecord } from './crash-record.ts';

/**
 * What nobody foresaw ends the process, noted in the log, with exit code 1: whoever keeps the daemon up starts it afresh, and
 * nothing is lost, for what was not committed is read again. The log gets the kind of error and where it was thrown, never
 * its message: a message may quote what was being read.
 */
export function endOnFaults(host: Host, record: CrashRecord): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: '' };
    host.log.error('the daemon crashed', { origin, name, code: systemCode(error) ?? null, at: frames(stack ?? '') });
    record.crashed();
    process.exit(1);
  });
}

function frames(stack: string): string {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines
    .slice(0, 8)
    .map((line) => line.trim())
    .join('; ');
}
