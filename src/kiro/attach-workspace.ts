import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Platform } from '../core/host.ts';
import { type Change, type Plan, takeStep } from './change.ts';
import { dispatcherCommand } from './dispatcher-command.ts';
import { addLine, excludeLine, findExcludeFile } from './git-exclude.ts';
import { HOOK_FILE_0X, hookText0x, isOurs0x } from './hook-file-0x.ts';
import { HOOK_FILE_1X, hookText1x, isOn1x, isOursAlone1x } from './hook-file-1x.ts';
import type { HooksToPlace } from './hooks-to-place.ts';
import { planFile } from './place-file.ts';
import { editRecorded, ensureFolder, type StepContext } from './recorded-edit.ts';
import { findObstacle, hookFolder, realFolder } from './workspace-folder.ts';
import type { Workspace } from './workspaces.ts';

/** A hook file as a workspace is to hold it. */
export interface WorkspaceHook {
  name: string;
  text: string;
  isOurs(text: string): boolean;
  /** Whether Kiro runs it; 0.x runs even one that says it is off (kiro/README K6). */
  isOn(text: string): boolean;
}

/** The hook files wanted in each workspace; none when the user's own hook is enough. */
export function workspaceHooks(
  platform: Platform,
  hooks: Pick<HooksToPlace, 'workspace0x' | 'workspace1x'>,
): WorkspaceHook[] {
  const of0x = {
    name: HOOK_FILE_0X,
    text: hookText0x(dispatcherCommand(platform, 'env')),
    isOurs: isOurs0x,
    isOn: isOurs0x,
  };
  const of1x = {
    name: HOOK_FILE_1X,
    text: hookText1x(dispatcherCommand(platform, 'stdin')),
    isOurs: isOursAlone1x,
    isOn: isOn1x,
  };
  return [...(hooks.workspace0x ? [of0x] : []), ...(hooks.workspace1x ? [of1x] : [])];
}

/**
 * Places the wanted hook files in one workspace and keeps them out of its repository's commits. The exclusion comes
 * first: when the hook is in place, it is done with, and a quick look at the hook tells all.
 */
export function attachOneWorkspace(
  context: StepContext,
  workspace: Workspace,
  hooks: HooksToPlace,
  { dryRun, force }: { dryRun: boolean; force: boolean },
): Change[] {
  const root = workspace.path;
  const wanted = workspaceHooks(context.host.platform, hooks);
  if (wanted.length === 0) return [];
  const obstacle =
    workspace.state === 'local' && root !== null ? findObstacle(root) : (workspace.reason ?? workspace.state);
  if (obstacle !== null || root === null) {
    const detail = obstacle ?? 'it has no path';
    return [{ step: 'hook-workspace', file: root ?? workspace.uri, result: 'skipped', detail, failure: null }];
  }
  return wanted.flatMap((hook) => {
    const file = path.join(root, '.kiro', 'hooks', hook.name);
    return [
      ...takeStep(dryRun, 'git-exclude', file, () => planExclude(context, root, hook.name, force)),
      ...takeStep(dryRun, 'hook-workspace', file, () => planHook(context, root, hook, force)),
    ];
  });
}

function planHook(context: StepContext, root: string, { name, text, isOurs }: WorkspaceHook, force: boolean): Plan {
  const file = path.join(hookFolder(root), name);
  const place = { mode: 0o600, folderMode: 0o777, workspace: realFolder(root), check: () => void hookFolder(root) };
  return planFile(context, { kind: 'hook-workspace', file, text, isOurs, ...place }, force);
}

/** null where there is no repository, or the line is there already: then there is nothing to say. */
function planExclude(context: StepContext, root: string, name: string, force: boolean): Plan | null {
  const file = path.join(hookFolder(root), name);
  const found = findOwnExcludeFile(realFolder(root));
  if (found === null) return null;
  if ('problem' in found) return { result: 'skipped', detail: found.problem };
  const line = excludeLine(found.top, file);
  if (line === null || addLine(readIfExists(found.file), line) === null) return null;

  const { record } = context;
  const removedByUser = record.find('git-exclude', found.file, line)?.state === 'made';
  if (removedByUser && !force) {
    return { result: 'skipped', file: found.file, detail: 'its user removed our line; --force puts it back' };
  }
  const act = () => {
    const place = { kind: 'git-exclude', file: found.file, entry: line, workspace: realFolder(root) } as const;
    ensureFolder(record, path.dirname(found.file), place.workspace, 0o777);
    editRecorded(context, place, (before) => addLine(before, line));
  };
  return { result: 'done', file: found.file, detail: `${line} excluded`, act };
}

/** A repository of somebody else is not an error of ours; it is only left alone. */
function findOwnExcludeFile(root: string): ReturnType<typeof findExcludeFile> | { problem: string } {
  try {
    return findExcludeFile(root);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'file-not-regular') throw error;
    return { problem: error.message };
  }
}
