import path from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';
import * as z from 'zod';
import type { Platform } from '../core/host.ts';
import { type Location, locatePath, parseUri } from './workspace-uri.ts';

const Folder = z.union([
  z.looseObject({ uri: z.string() }).transform(({ uri }) => ({ uri })),
  z.looseObject({ path: z.string() }).transform((folder) => ({ path: folder.path })),
]);
const WorkspaceFile = z.looseObject({ folders: z.array(z.unknown()) });

/**
 * The folders of a `.code-workspace` file, or of an untitled workspace's (kiro/README K25, K26): JSON with comments, paths
 * relative to the file's own folder. An entry that makes no sense is left out; null when the whole does not parse.
 */
export function parseWorkspaceFile(text: string, file: string, platform: Platform): Location[] | null {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  const { data } = WorkspaceFile.safeParse(value);
  if (errors.length > 0 || data === undefined) return null;
  const flavour = platform === 'win32' ? path.win32 : path.posix;
  return data.folders.flatMap((entry) => {
    const folder = Folder.safeParse(entry).data;
    if (folder === undefined) return [];
    const location =
      'uri' in folder
        ? parseUri(folder.uri, platform)
        : locatePath(flavour.resolve(flavour.dirname(file), folder.path), platform);
    return location ?? [];
  });
}
