import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import type { OwnPaths } from '../core/host.ts';
import { programsAside, removeUnlessHeld } from './placing/replace-program.ts';
import { failedUpgradeFile } from './upgrading/failed-upgrade.ts';

/**
 * Deletes our own files by their names, and our folder if nothing else is in it. Never the folder as it is: who set
 * `CAPSULE_KIRO_HOME` to a folder with other things in it must not lose them. Answers whether the folder is gone.
 */
export function removeOwnFiles(own: OwnPaths): boolean {
  const { home, database, attachments } = own;
  const withCompanions = (file: string) => ['', '-wal', '-shm', '-journal', '-ballast'].map((ending) => file + ending);
  const files = [own.settings, own.credential, own.enrolment, own.device, own.endpoint, own.alive, own.socket];
  files.push(own.starts, failedUpgradeFile(own), ...movedAside(database));
  for (const file of [...files, ...withCompanions(database), ...withCompanions(attachments)])
    rmSync(file, { force: true });
  for (const file of [own.program, ...programsAside(own).map(({ file }) => file)]) removeUnlessHeld(file);
  for (const folder of [own.snapshots, own.rings]) rmSync(folder, { recursive: true, force: true });
  // The dispatcher's note of when it last tried to start the daemon.
  const tried = path.join(path.dirname(own.socket), 'started');
  for (const file of [own.log, `${own.log}.1`, tried]) rmSync(file, { force: true });
  const autostart = path.join(home, 'autostart', 'any');
  for (const file of [own.program, own.socket, own.log, autostart]) removeIfEmpty(path.dirname(file));
  return removeIfEmpty(home);
}

/** Damaged databases that a daemon replaced. */
function movedAside(database: string): string[] {
  const folder = path.dirname(database);
  if (!existsSync(folder)) return [];
  const prefix = `${path.basename(database)}-corrupt-`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(folder, name));
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
