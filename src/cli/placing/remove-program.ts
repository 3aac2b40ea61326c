import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemCode } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { removeUnlessHeld } from './replace-program.ts';

/**
 * Takes the program away, also the one that is running. Windows holds that one: it goes to the folder for temporary files, and
 * is deleted from there when it has ended. Answers where it waits for that; null when it is gone.
 */
export function removeProgram({ own, env }: Pick<Host, 'own' | 'env'>, temporary = os.tmpdir()): string | null {
  if (removeUnlessHeld(own.program)) return null;
  const aside = moveAside(own.program, temporary);
  const { program, args, env: more } = deletionAfterEnd(env, aside);
  spawn(program, args, {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    windowsVerbatimArguments: true,
    env: { ...env, ...more },
  })
    .on('error', () => {})
    .unref();
  return aside;
}

/** So that our folder can go at once. */
function moveAside(program: string, temporary: string): string {
  const aside = path.join(temporary, `capsule-kiro-removed-${randomBytes(6).toString('hex')}.exe`);
  try {
    renameSync(program, aside);
    return aside;
  } catch (error) {
    // Another disk: then it waits where it is.
    if (systemCode(error) === undefined) throw error;
    return program;
  }
}

/** What deletes a file half a minute later. Its path is in a variable, so that nothing in it can be taken for a command. Pure. */
export function deletionAfterEnd(
  env: Host['env'],
  file: string,
): { program: string; args: string[]; env: Host['env'] } {
  const system = path.win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32');
  const wait = `"${path.win32.join(system, 'ping.exe')}" -n 30 127.0.0.1 >nul`;
  return {
    program: path.win32.join(system, 'cmd.exe'),
    args: ['/d', '/v:off', '/s', '/c', `"${wait} & del /f /q "%CAPSULE_KIRO_REMOVED%""`],
    env: { CAPSULE_KIRO_REMOVED: file },
  };
}
