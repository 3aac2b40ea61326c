/** The name by which a developer starts the program in a shell: a link of ours in `~/.local/bin`, where that is in use. */
import * as fs from 'node:fs';
import path from 'node:path';
import { readIfExists, writeOwnFile } from '../../core/careful-file.ts';
import { systemCode } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { makeForeignFolder } from '../made-folders.ts';
import { shellPath } from '../shell-path.ts';

type NamingHost = Pick<Host, 'home' | 'env' | 'platform' | 'own'>;

/**
 * Puts `capsule-kiro` into `~/.local/bin` if that is there, or on the PATH. Never over something that has the name; what was
 * put there is noted first. Not on Windows, where it would take a change of the user's PATH.
 */
export function placeShellLink(host: NamingHost): void {
  if (host.platform === 'win32') return;
  const link = shellLink(host);
  const folder = path.dirname(link);
  if (!fs.existsSync(folder) && !searchPath(host).includes(folder)) return;
  if (fs.lstatSync(link, { throwIfNoEntry: false }) !== undefined) return;
  writeOwnFile(noteFile(host), `${link}\n`);
  makeForeignFolder(host.own, folder);
  try {
    fs.symlinkSync(host.own.program, link);
  } catch (error) {
    // A folder of somebody else's, or one that may not be written to: the program has its full name.
    if (systemCode(error) === undefined) throw error;
    fs.rmSync(noteFile(host), { force: true });
  }
}

/** Takes the link away that was put there, if it still is that link. */
export function removeShellLink(host: NamingHost): void {
  const link = placedLink(host);
  if (link !== undefined) fs.rmSync(link);
  fs.rmSync(noteFile(host), { force: true });
}

/** The link that we put there, if it still is that. */
export function placedLink(host: NamingHost): string | undefined {
  const link = readIfExists(noteFile(host))?.toString('utf8').trim() ?? '';
  return link === shellLink(host) && leadsTo(link, host.own.program) ? link : undefined;
}

/** What to type to start the installed program: its name where a shell finds it by that, else a path that can be pasted. */
export function commandName(host: NamingHost): string {
  const { own, home, platform } = host;
  const name = path.basename(own.program);
  const found = searchPath(host)
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));
  if (found !== undefined && realPath(found) === realPath(own.program)) return 'capsule-kiro';
  if (platform === 'win32') return own.program.includes(' ') ? `"${own.program}"` : own.program;
  return shellPath(placedLink(host) ?? own.program, home);
}

/** The same text with each of `commands` as this user's shell takes it. Pure. */
export function nameCommands(text: string, name: string, commands: readonly string[]): string {
  const ours = new RegExp(`(?<![\\w./\\\\-])capsule-kiro (?=(?:${commands.join('|')})\\b)`, 'g');
  return text.replaceAll(ours, () => `${name} `);
}

const shellLink = ({ home }: NamingHost) => path.join(home, '.local', 'bin', 'capsule-kiro');
const noteFile = ({ own }: NamingHost) => path.join(path.dirname(own.program), 'shell-link');

function searchPath({ env }: NamingHost): string[] {
  return (env.PATH ?? env.Path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function leadsTo(link: string, target: string): boolean {
  const there = fs.lstatSync(link, { throwIfNoEntry: false });
  return there?.isSymbolicLink() === true && fs.readlinkSync(link) === target;
}

function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    // A link that leads nowhere starts nothing.
    return undefined;
  }
}
