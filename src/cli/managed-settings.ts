/** What an organisation has laid down on this machine, in a file that the machine's users cannot write. */
import * as fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { describe, Failure, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { DEFAULT_SETTINGS, parseSettings, type SettingName, type Settings } from '../core/settings.ts';

/** Says that the daemon starts at login, whatever `install --no-service` was told: of the organisation's file alone. */
const AUTOSTART = 'service.autostart';
/** Far more than it can need; whoever may write it may do worse than fill our memory, but by accident. */
const MAX_BYTES = 1024 * 1024;

/** `ignored`: it is there, and others than the machine's administrator could have written it. */
export type Managed =
  | { is: 'none' }
  | { is: 'ignored'; why: string }
  | { is: 'in-force'; settings: Partial<Settings>; autostart: boolean };

/**
 * What takes content away, and so would undo a level that is laid down: it has its default unless the file names it, too.
 */
const WITH_LEVEL = ['content.levels', 'content.rules', 'capture.cli', 'workspaces.exclude'] as const;

/**
 * The organisation's file as it is now. It counts only when it and its folder belong to the machine's administrator and no
 * one else may write them. Throws `config-invalid` when it counts and cannot be understood: to go on without it could tell more
 * than it allows, or less than it asks for.
 */
export function readManaged({ managed: { file, owner } }: Host): Managed {
  const read = readOwnedBy(owner, file);
  if (read === undefined) return { is: 'none' };
  if ('why' in read) return { is: 'ignored', why: read.why };
  const { autostart, rest } = takeAutostart(read.text, file);
  return { is: 'in-force', settings: bind(parseSettings(rest, file)), autostart };
}

/** Adds what goes with a level that is laid down. Pure. */
function bind(named: Partial<Settings>): Partial<Settings> {
  if (named['content.level'] === undefined) return named;
  const bound = Object.fromEntries(WITH_LEVEL.map((name) => [name, DEFAULT_SETTINGS[name]]));
  return { ...bound, ...named };
}

const withAutostart = z.looseObject({ [AUTOSTART]: z.unknown().optional() });

function takeAutostart(text: string, file: string): { autostart: boolean; rest: string } {
  const parsed = withAutostart.safeParse(orUndefined(text));
  // What is no object is for the parser of settings to name.
  if (!parsed.success || parsed.data[AUTOSTART] === undefined) return { autostart: false, rest: text };
  const { [AUTOSTART]: autostart, ...rest } = parsed.data;
  if (autostart !== true) throw new Failure('config-invalid', `${file}: ${AUTOSTART} must be true, or not be there`);
  return { autostart, rest: JSON.stringify(rest) };
}

function orUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The text of a regular file that only `owner` can have written; why it is not taken otherwise; undefined when there is none.
 * Asked of the file that was opened, not of its name. An owner of null (Windows) is not asked for: the folder is one that only
 * administrators can write by where it is.
 */
function readOwnedBy(owner: number | null, file: string): { text: string } | { why: string } | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  let opened: number;
  try {
    opened = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { why: `it cannot be opened: ${describe(error)}` };
  }
  try {
    const stat = fs.fstatSync(opened);
    if (!stat.isFile()) return { why: 'it is no regular file' };
    const open = openness(owner, stat) ?? openness(owner, fs.statSync(path.dirname(file)), 'its folder');
    if (open !== undefined) return { why: open };
    if (stat.size > MAX_BYTES) return { why: `it has ${stat.size} bytes` };
    return { text: fs.readFileSync(opened, 'utf8') };
  } finally {
    fs.closeSync(opened);
  }
}

function openness(owner: number | null, { uid, mode }: fs.Stats, what = 'it'): string | undefined {
  if (owner === null) return undefined;
  if (uid !== owner) return `${what} belongs to user ${uid}, not to ${owner === 0 ? 'root' : `user ${owner}`}`;
  return (mode & 0o022) === 0 ? undefined : `${what} can be written by others than its owner`;
}

/** Names of the settings that are laid down; none when the file is not there, does not count or is broken. Never throws. */
export function managedNames(host: Host): SettingName[] {
  try {
    const managed = readManaged(host);
    return managed.is === 'in-force' ? (Object.keys(managed.settings) as SettingName[]) : [];
  } catch {
    return [];
  }
}
