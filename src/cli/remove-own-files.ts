import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import type { OwnPaths } from '../core/host.ts';

/**
 * Deletes our own files by their names, and our folder if nothing else is in it. Never the folder as it is: who set
 * `CAPSULE_KIRO_HOME` to a folder with other things in it must not lose them. Answers whether the folder is gone.
 */
export function removeOwnFiles(own: OwnPaths): boolean {
  const { home, database, attachments } = own;
  const withCompanions = (file: string) => ['', '-wal', '-shm', '-journal'].map((ending) => file + ending);
  const files = [own.settings, own.credential, own.enrolment, own.device, own.endpoint, own.program, own.socket];
  for (const file of [...files, ...withCompanions(database), ...withCompanions(attachments)])
    rmSync(file, { force: true });
  for (const folder of [own.snapshots, own.rings]) rmSync(folder, { recursive: true, force: true });
  for (const file of [own.log, `${own.log}.1`]) rmSync(file, { force: true });
  for (const folder of [own.program, own.socket, own.log]) removeIfEmpty(path.dirname(folder));
  return removeIfEmpty(home);
}

function removeIfEmpty(folder: string): boolean {
  try {
    if (readdirSync(folder).length > 0) return false;
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw error;
  }
}
