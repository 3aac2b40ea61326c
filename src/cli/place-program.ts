import { chmodSync, copyFileSync, lstatSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';
import { ownProgram } from './program.ts';

/** Our own folder, with the program where dispatcher and service find it whatever version it is. Throws `file-unwritable`. */
export function placeProgram({ own, platform }: Pick<Host, 'own' | 'platform'>): void {
  for (const folder of [own.home, own.rings, path.dirname(own.program)]) makeFolder(folder);
  chmodSync(own.home, 0o700);
  if (platform === 'win32') copyTo(own.program, ownProgram());
  else pointTo(own.program, ownProgram());
}

function pointTo(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

/** Windows lets no ordinary user make a link, and keeps a second name from being taken away while the program runs under the first. */
function copyTo(copy: string, target: string): void {
  const [there, here] = [copy, target].map((file) => statSync(file, { throwIfNoEntry: false })?.size);
  if (there === here && readFileSync(copy).equals(readFileSync(target))) return;
  rmSync(copy, { force: true });
  copyFileSync(target, copy);
}
