import { chmodSync, lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';
import { ownProgram } from './program.ts';

/** Our own folder, with the program where dispatcher and service find it whatever version it is. Throws `file-unwritable`. */
export function placeProgram({ own }: Pick<Host, 'own'>): void {
  for (const folder of [own.home, own.rings, path.dirname(own.program)]) makeFolder(folder);
  chmodSync(own.home, 0o700);
  pointTo(own.program, ownProgram());
}

function pointTo(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}
