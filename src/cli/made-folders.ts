import { existsSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { makeFolder, readIfExists, writeOwnFile } from '../core/careful-file.ts';
import { systemCode } from '../core/failure.ts';
import type { OwnPaths } from '../core/host.ts';

const Folders = z.array(z.string().refine((folder) => path.isAbsolute(folder)));
/** What is still in it, or is not ours to remove, stays. */
const STAYS = new Set(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'EBUSY']);

/**
 * Makes a folder outside our own, with those above it, and remembers which of them were not there before. Noted first: a kill
 * in between leaves a note of a folder that is not there. Throws `file-unwritable`.
 */
export function makeForeignFolder(own: OwnPaths, folder: string): void {
  const lacking: string[] = [];
  for (let at = folder; !existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) lacking.push(at);
  if (lacking.length === 0) return;
  const known = readFolders(own);
  writeOwnFile(noteFile(own), `${JSON.stringify([...new Set([...lacking, ...known])], null, 2)}\n`);
  makeFolder(folder);
}

/** Takes those folders away again that are empty, the deepest first, and forgets them all. */
export function removeMadeFolders(own: OwnPaths): void {
  for (const folder of readFolders(own).toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (!STAYS.has(systemCode(error) ?? '')) throw error;
    }
  }
  rmSync(noteFile(own), { force: true });
}

const noteFile = ({ home }: OwnPaths) => path.join(home, 'autostart', 'made-folders.json');

/** A note that somebody broke tells of nothing: then an empty folder stays, which harms nobody. */
function readFolders(own: OwnPaths): string[] {
  try {
    return Folders.parse(JSON.parse(readIfExists(noteFile(own))?.toString('utf8') ?? '[]'));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  }
}
