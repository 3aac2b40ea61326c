import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const TOP = path.join(import.meta.dirname, '..', '..');

/** Text by path from the top of the repository, with `/`. */
export type Tree = ReadonlyMap<string, string>;

/** The files that these patterns match. */
export function readTree(...patterns: string[]): Tree {
  const names = globSync(patterns, { cwd: TOP }).map((name) => name.replaceAll(path.sep, '/'));
  return new Map(names.sort().map((name) => [name, readFileSync(path.join(TOP, name), 'utf8')]));
}
