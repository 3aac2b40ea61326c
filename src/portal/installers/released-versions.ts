import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { systemCode } from '../../core/failure.ts';

/** What the build writes beside the executables it makes. */
export const VERSIONS_FILE = 'VERSIONS.json';

const version = z.string().regex(/^\d{1,9}(\.\d{1,9}){0,3}(-[\w.]{1,40})?$/);
const versionsSchema = z.record(z.string(), z.object({ version, sha256: z.string() }));

/** Of which version the executable with a name and checksum is; undefined when nobody said it of these very bytes. */
export type VersionOf = (name: string, sha256: string) => string | undefined;

/** Reads `VERSIONS.json` of a folder. One that is not there, or not understood, knows no version: then no upgrade is offered. */
export async function readVersions(folder: string | undefined): Promise<VersionOf> {
  if (folder === undefined) return () => undefined;
  const known = versionsSchema.safeParse(await parse(path.join(folder, VERSIONS_FILE)));
  if (!known.success) return () => undefined;
  return (name, sha256) => {
    const said = Object.hasOwn(known.data, name) ? known.data[name] : undefined;
    return said?.sha256 === sha256 ? said.version : undefined;
  };
}

async function parse(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    // Being copied, or no JSON: it is read again at the next question.
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
