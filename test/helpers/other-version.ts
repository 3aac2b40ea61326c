import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { executableName } from '../../src/portal/installers/executables.ts';
import { PROGRAM } from './machine.ts';

/** A program that calls itself another version and is otherwise the one under test; a broken one does not run as a daemon. */
export function otherVersion(file: string, version: string, { broken = false } = {}): string {
  const fails = broken ? '[ "$1" = run ] && exit 1\n' : '';
  const text = `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit 0; }\n${fails}exec '${PROGRAM}' "$@"\n`;
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return text;
}

/** As an administrator does: the executable, and what the build wrote of it, into the folder of a portal with this data. */
export function release(data: string, version: string, { broken = false, says = version } = {}): void {
  const folder = path.join(data, 'executables');
  mkdirSync(folder, { recursive: true });
  const name = executableName(process.platform === 'darwin' ? 'darwin' : 'linux', process.arch);
  const text = otherVersion(path.join(folder, name), says, { broken });
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify({ [name]: { version, sha256 } }));
}
