import { appendFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from './careful-file.ts';

/**
 * Levels promise something: `info` a step was taken, `warn` something failed and recovered, `error` data was lost or a
 * person must act. Fields are ids, counts, paths and durations; never prompts, code, commands or tokens.
 */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** For commands, which answer on the terminal and keep no log. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };

const MAX_BYTES = 5 * 1024 * 1024;

/** JSON lines in one owner-only file, with one older file beside it. A log that cannot be written stops nothing. */
export function fileLog(file: string, now: () => Date): Log {
  let size = -1;
  const append = (line: Buffer) => {
    if (size < 0) size = open(file);
    if (size + line.length > MAX_BYTES) {
      renameSync(file, `${file}.1`);
      size = 0;
    }
    appendFileSync(file, line, { mode: 0o600 });
    size += line.length;
  };
  const write = (level: string, message: string, fields: LogFields = {}) => {
    const line = Buffer.from(`${JSON.stringify({ time: now().toISOString(), level, message, ...fields })}\n`);
    // Twice, because the first try only finds out that the folder, or the file that was to be turned over, is gone.
    for (let tries = size < 0 ? 1 : 2; tries > 0; tries--) {
      try {
        append(line);
        return;
      } catch {
        size = -1;
      }
    }
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function open(file: string): number {
  makeFolder(path.dirname(file));
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
