/** Reading configuration of other people's making: bounded, below one folder, through no symbolic link, never fatal. */
import { createHash } from 'node:crypto';
import { constants, lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ParseError, parse as parseJsonc } from 'jsonc-parser';
import * as z from 'zod';

/** Most entries of one kind. */
export const MAX_ENTRIES = 500;
const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 4;
/** Longest name, and longest text (a pattern, a command, a description) that is listed; hashes are always of the whole. */
const MAX_NAME = 200;
const MAX_TEXT = 1000;

export interface FoundFile {
  /** Path below the folder that was searched, with `/`. */
  name: string;
  text: string;
  /** Of the file's bytes, hex. */
  sha256: string;
}

/** The file at `base/...parts`, or null: missing, too large, not a regular file, or behind a link. */
export async function readFileIn(base: string, ...parts: string[]): Promise<FoundFile | null> {
  const name = parts.at(-1) ?? '';
  if (!(await isPlainFolder(base, parts.slice(0, -1)))) return null;
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  try {
    const handle = await open(path.join(base, ...parts), constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > MAX_BYTES) return null;
      const bytes = await handle.readFile();
      return { name, text: bytes.toString('utf8').replace(/^\uFEFF/, ''), sha256: sha256(bytes) };
    } finally {
      await handle.close();
    }
  } catch {
    // An inventory tells what can be read; whatever the system says against a file, the others still count.
    return null;
  }
}

/** The files below `base/...parts` whose name fits, in order of name; `depth` 0 means in the folder itself. */
export async function readFilesIn(base: string, parts: string[], fits: RegExp, depth = 0): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await entriesIn(base, parts)) {
    if (found.length >= MAX_ENTRIES) break;
    const below = [...parts, entry.name];
    if (entry.isDirectory() && depth > 0 && depth <= MAX_DEPTH) {
      const nested = await readFilesIn(base, below, fits, depth - 1);
      found.push(...nested.map((file) => ({ ...file, name: `${entry.name}/${file.name}` })));
    } else if (entry.isFile() && fits.test(entry.name)) {
      const file = await readFileIn(base, ...below);
      if (file !== null) found.push(file);
    }
  }
  return found.slice(0, MAX_ENTRIES);
}

/** Names of the folders in `base/...parts`, in order. */
export async function folderNamesIn(base: string, ...parts: string[]): Promise<string[]> {
  const entries = await entriesIn(base, parts);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .slice(0, MAX_ENTRIES);
}

async function entriesIn(base: string, parts: string[]) {
  if (!(await isPlainFolder(base, parts))) return [];
  try {
    const entries = await readdir(path.join(base, ...parts), { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // As above: unreadable means not listed.
    return [];
  }
}

/** `base` itself may be a link of the user's own; below it a link could lead anywhere. */
async function isPlainFolder(base: string, parts: readonly string[]): Promise<boolean> {
  // Sessions name folders of other systems too, which here would be relative paths.
  if (!path.isAbsolute(base)) return false;
  for (let count = 1; count <= parts.length; count++) {
    const stat = await lstat(path.join(base, ...parts.slice(0, count))).catch(() => null);
    if (stat === null || !stat.isDirectory()) return false;
  }
  return true;
}

/** As hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** A name no longer than the contract takes, with an ellipsis where it was cut. */
export const shortName = (name: string): string => shorten(name, MAX_NAME);
/** A text no longer than an inventory shows, with an ellipsis where it was cut. */
export const shortText = (text: string): string => shorten(text, MAX_TEXT);

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** JSON, comments and trailing commas allowed; null when it does not parse or is not what `schema` wants. */
export function parseJson<T extends z.ZodType>(text: string, schema: T): z.output<T> | null {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
  const { success, data } = schema.safeParse(value);
  return success && errors.length === 0 ? data : null;
}

/** The entries of a record that fit, the others left out: one broken entry must not hide the rest. */
export function fitting<T extends z.ZodType>(record: Record<string, unknown>, schema: T): [string, z.output<T>][] {
  return Object.entries(record).flatMap(([name, value]) => {
    const { success, data } = schema.safeParse(value);
    return success ? [[name, data] satisfies [string, z.output<T>]] : [];
  });
}

/** A field of another shape than we know reads as its default. */
export const texts = z
  .array(z.unknown())
  .catch([])
  .transform((items) => items.filter((item) => typeof item === 'string'));
export const record = z.record(z.string(), z.unknown()).catch({});
