import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { RecordedChange } from './attachment-record.ts';
import { isDispatcherCommand } from './dispatcher-command.ts';
import { isOurDispatcher } from './dispatcher-file.ts';
import { findExcludeFile, isOurExclusion } from './git-exclude.ts';
import { isOurs0x } from './hook-file-0x.ts';
import { isOurs1x } from './hook-file-1x.ts';
import { findSettingsFiles, type KiroPaths, listFolder } from './paths.ts';
import { userPermissionFile } from './permission-files.ts';
import { isOurRule } from './permission-rule.ts';
import { readPermissions } from './permissions.ts';
import { readTrusted } from './trusted-commands.ts';
import { hookFolder, realFolder } from './workspace-folder.ts';
import type { Workspace } from './workspaces.ts';

export interface Leftover {
  file: string;
  /** What is left in it, as one clause. */
  what: string;
}

/**
 * Everything of ours that is still in Kiro's or a user's files, found by looking into them and not by the record: the proof
 * behind `uninstall --verify`. Of the workspaces, the local and the excluded ones are looked at, and those that the record
 * names: Kiro may have forgotten them. Only reads.
 */
export function findLeftovers(
  paths: KiroPaths,
  workspaces: readonly Workspace[],
  recorded: readonly Pick<RecordedChange, 'workspace'>[] = [],
): Leftover[] {
  const here = workspaces.filter(({ state }) => state === 'local' || state === 'excluded');
  const named = [...here.map(({ path: root }) => root), ...recorded.map(({ workspace }) => workspace)];
  const roots = new Set(named.flatMap((root) => (root === null ? [] : [root])));
  return [
    ...inHookFolder(paths.userHooks),
    ...paths.userDataDirs.flatMap(findSettingsFiles).flatMap(inSettings),
    ...inPermissions(userPermissionFile(paths)),
    ...inScripts(paths.scripts),
    ...[...roots].flatMap((root) => [...inWorkspace(root), ...inExcludeFile(root)]),
  ];
}

function inHookFolder(folder: string): Leftover[] {
  return filesIn(folder).flatMap((file) => {
    const text = readSmall(file);
    if (file.endsWith('.kiro.hook') && isOurs0x(text)) return [{ file, what: 'a hook of ours for Kiro 0.x' }];
    if (file.endsWith('.json') && isOurs1x(text)) return [{ file, what: 'a hook of ours for Kiro 1.x' }];
    return path.basename(file).startsWith('.capsule-stop') ? [{ file, what: 'a temporary file of ours' }] : [];
  });
}

function inSettings(file: string): Leftover[] {
  const text = readIfExists(file)?.toString('utf8') ?? '';
  try {
    const trusted = readTrusted(text, file).commands?.some(isDispatcherCommand) ?? false;
    return trusted ? [{ file, what: 'our trusted command' }] : [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return text.includes('capsule-dispatch')
      ? [{ file, what: 'the name of our dispatcher (the file does not parse)' }]
      : [];
  }
}

function inPermissions(file: string): Leftover[] {
  return readPermissions(readSmall(file)).rules.some(isOurRule) ? [{ file, what: 'our rule' }] : [];
}

function inScripts(folder: string): Leftover[] {
  return filesIn(folder)
    .filter((file) => path.basename(file).startsWith('capsule-') && isOurDispatcher(readSmall(file)))
    .map((file) => ({ file, what: 'our dispatcher' }));
}

function inWorkspace(root: string): Leftover[] {
  const folder = ifReachable(() => hookFolder(root));
  return folder === undefined ? [] : inHookFolder(folder);
}

function inExcludeFile(root: string): Leftover[] {
  const file = ifReachable(() => findExcludeFile(realFolder(root)))?.file;
  if (file === undefined) return [];
  const lines = readSmall(file).split(/\r?\n/);
  const ours = lines.filter(isOurExclusion);
  return ours.length > 0 ? [{ file, what: 'the lines that keep our hook out of commits' }] : [];
}

/** undefined where there is no way for us to have written: behind a link, in another's repository, in a folder that is gone. */
function ifReachable<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

const filesIn = (folder: string) => listFolder(folder).map((name) => path.join(folder, name));

/** A file's text; empty for a link, a folder, or one far larger than anything of ours. */
function readSmall(file: string): string {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= 8 * 1024 * 1024 ? (readIfExists(file)?.toString('utf8') ?? '') : '';
}
