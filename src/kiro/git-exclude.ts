import { lstatSync, realpathSync, type Stats } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import { HOOK_FILE_0X } from './hook-file-0x.ts';
import { HOOK_FILE_1X } from './hook-file-1x.ts';

/** Where one repository keeps its private list of ignored files, found without running git, which repositories can bend. */
export interface ExcludeFile {
  file: string;
  /** The top of the working tree that contains the workspace. */
  top: string;
}

/**
 * Finds `info/exclude` for a workspace: its own repository's, or that of a folder above. Understands `.git` files of linked
 * worktrees and submodules. null when there is no repository. Throws `file-not-regular` when a link, or another user's
 * folder, stands in the way.
 */
export function findExcludeFile(root: string): ExcludeFile | null {
  for (let top = root; ; top = path.dirname(top)) {
    const dotGit = path.join(top, '.git');
    const stat = lstatSync(dotGit, { throwIfNoEntry: false });
    if (stat !== undefined) {
      const gitDir = stat.isFile() ? followGitFile(dotGit) : dotGit;
      if (gitDir === null || !isGitDir(gitDir)) return null;
      const info = path.join(commonDir(gitDir), 'info');
      for (const place of [dotGit, gitDir, path.dirname(info), info, path.join(info, 'exclude')]) demandOwn(place);
      return { file: path.join(info, 'exclude'), top };
    }
    if (path.dirname(top) === top) return null;
  }
}

/** `gitdir: <path>`, absolute or relative to the file's folder. */
function followGitFile(dotGit: string): string | null {
  const target = /^gitdir: (.+?)\r?\n?$/.exec(readSmall(dotGit))?.[1];
  return target === undefined ? null : realIfThere(path.resolve(path.dirname(dotGit), target));
}

/** A linked worktree shares the main repository's list. */
function commonDir(gitDir: string): string {
  const shared = readSmall(path.join(gitDir, 'commondir')).trim();
  return shared === '' ? gitDir : (realIfThere(path.resolve(gitDir, shared)) ?? gitDir);
}

/** So that a `.git` file from elsewhere cannot have us write into a folder that is no repository. */
function isGitDir(gitDir: string): boolean {
  const has = (name: string, kind: 'isFile' | 'isDirectory') => statOf(path.join(gitDir, name))?.[kind]() ?? false;
  return has('HEAD', 'isFile') && (has('objects', 'isDirectory') || has('commondir', 'isFile'));
}

function demandOwn(place: string): void {
  const stat = statOf(place);
  if (stat === undefined) return;
  const foreign = process.getuid !== undefined && stat.uid !== process.getuid();
  if (!stat.isSymbolicLink() && !foreign) return;
  throw new Failure('file-not-regular', `${place} ${foreign ? 'belongs to another user' : 'is a link'}`, {
    hint: 'The hook file will show up as new in this repository; leave it out of commits.',
  });
}

/** The line that excludes one file, as a pattern from the repository's top; null when git has no way to write it. */
export function excludeLine(top: string, file: string): string | null {
  const relative = path.relative(top, file).split(path.sep).join('/');
  if (/[\r\n]/.test(relative)) return null;
  return `/${relative.replace(/[\\*?[]/g, '\\$&')}`;
}

/** Whether a line of the list excludes a hook file of ours, in whatever folder of the repository the workspace is. */
export function isOurExclusion(line: string): boolean {
  return [HOOK_FILE_0X, HOOK_FILE_1X].some((name) => line.endsWith(`/.kiro/hooks/${name}`));
}

/**
 * Adds the line at the end; null when it is there already. `added` is exactly what was put in. Bytes, because nothing
 * says in which encoding the rest is.
 */
export function addLine(before: Uint8Array | undefined, line: string): { bytes: Buffer; added: string } | null {
  const text = toText(before);
  if (linesOf(text).includes(toText(Buffer.from(line)))) return null;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const added = `${text === '' || text.endsWith('\n') ? '' : eol}${line}${eol}`;
  return { bytes: Buffer.concat([before ?? Buffer.alloc(0), Buffer.from(added)]), added };
}

/** Takes out what `addLine` put in, or, where the text behind it changed since, the line alone. */
export function removeLine(bytes: Uint8Array, line: string, added: string): Buffer {
  const text = toText(bytes);
  const piece = toText(Buffer.from(added));
  if (piece !== '' && text.endsWith(piece)) return Buffer.from(text.slice(0, -piece.length), 'latin1');
  const wanted = toText(Buffer.from(line));
  const kept = text.split(/(?<=\n)/).filter((it) => it.replace(/\r?\n$/, '') !== wanted);
  return Buffer.from(kept.join(''), 'latin1');
}

/** One character a byte. */
const toText = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');

const linesOf = (text: string) => text.split(/\r?\n/);

const statOf = (place: string): Stats | undefined => lstatSync(place, { throwIfNoEntry: false });

function realIfThere(place: string): string | null {
  return statOf(place) === undefined ? null : realpathSync(place);
}

/** A one-line file of git's; empty when it is missing, not a regular file, or too long to be one. */
function readSmall(file: string): string {
  const stat = statOf(file);
  return stat?.isFile() && stat.size <= 4096 ? (readIfExists(file)?.toString('utf8') ?? '') : '';
}
