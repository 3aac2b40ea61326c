import { chmodSync, writeFileSync } from 'node:fs';
import { PROGRAM } from './machine.ts';

/** A program that calls itself another version and is otherwise the one under test; a broken one does not run as a daemon. */
export function otherVersion(file: string, version: string, { broken = false } = {}): string {
  const fails = broken ? '[ "$1" = run ] && exit 1\n' : '';
  const text = `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit 0; }\n${fails}exec '${PROGRAM}' "$@"\n`;
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return text;
}
