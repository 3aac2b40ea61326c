import { existsSync } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { isInPlace, type WorkspaceHook, workspaceHooks } from './attach-workspace.ts';
import { type RecordedChange, readRecord } from './attachment-record.ts';
import { dispatcherCommand } from './dispatcher-command.ts';
import { dispatcherFile } from './dispatcher-file.ts';
import { HOOK_FILE_1X, isOurs1x } from './hook-file-1x.ts';
import type { HooksToPlace } from './hooks-to-place.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { findSettingsFiles, type KiroPaths } from './paths.ts';
import { readRegular } from './place-file.ts';
import { judgeTrust } from './trust-judgement.ts';
import { findTrustShadow } from './trust-shadow.ts';
import { readTrusted } from './trusted-commands.ts';
import { findObstacle, hookFolder } from './workspace-folder.ts';
import type { Workspace } from './workspaces.ts';

/** How one thing of ours stands. `detail` is one clause for a person. */
export interface Standing {
  file: string;
  inPlace: boolean;
  detail: string;
}

export interface WorkspaceStanding {
  workspace: Workspace;
  /** Whether a turn in it will ring. */
  attached: boolean;
  detail: string;
  /** What a person should change in the workspace all the same, or null. */
  warning: string | null;
}

export interface AttachmentState {
  dispatcher: Standing;
  /** null when it is not wanted. */
  userHook: Standing | null;
  /** One for each settings file; empty when trust is not wanted. */
  trust: Standing[];
  workspaces: WorkspaceStanding[];
}

/**
 * How everything stands on disk, for `status`. Reads files and, for a moment, the record; changes nothing. Throws only
 * `attachments-busy` and `database-unusable`.
 */
export function attachmentState(
  host: Host,
  paths: KiroPaths,
  hooks: HooksToPlace,
  workspaces: readonly Workspace[],
): AttachmentState {
  const recorded = new Set(
    readRecord(host)
      .filter((change) => change.state === 'made')
      .map(keyOf),
  );
  const userHook = hooks.user1x ? userHookStanding(path.join(paths.userHooks, HOOK_FILE_1X)) : null;
  const script = dispatcherFile(paths, host.platform);
  const settings = hooks.trust ? paths.userDataDirs.flatMap(findSettingsFiles) : [];
  return {
    dispatcher: { file: script, inPlace: existsSync(script), detail: existsSync(script) ? 'in place' : 'missing' },
    userHook,
    trust: settings.map((file) => trustStanding(file, dispatcherCommand(host.platform, 'env'))),
    workspaces: workspaces.map((workspace) => ({
      workspace,
      ...workspaceStanding(host, workspace, hooks, userHook?.inPlace ?? false, recorded),
    })),
  };
}

const keyOf = ({ kind, file }: Pick<RecordedChange, 'kind' | 'file'>) => `${kind} ${file}`;

function userHookStanding(file: string): Standing {
  return standing(file, () => {
    const inPlace = isOurs1x(readRegular(file)?.toString('utf8') ?? '');
    return { inPlace, detail: inPlace ? 'in place' : 'missing' };
  });
}

function trustStanding(file: string, command: string): Standing {
  return standing(file, () => {
    const bytes = readIfExists(file);
    return judgeTrust(readTrusted(bytes === undefined ? undefined : decodeUtf8(bytes, file), file), command);
  });
}

/** Trouble with one file is how that file stands. */
function standing(file: string, look: () => Omit<Standing, 'file'>): Standing {
  try {
    return { file, ...look() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { file, inPlace: false, detail: error.message };
  }
}

function workspaceStanding(
  host: Host,
  workspace: Workspace,
  hooks: HooksToPlace,
  userHook: boolean,
  recorded: ReadonlySet<string>,
): Omit<WorkspaceStanding, 'workspace'> {
  const root = workspace.path;
  if (workspace.state !== 'local' || root === null) {
    return { attached: false, detail: workspace.reason ?? workspace.state, warning: null };
  }
  const command = dispatcherCommand(host.platform, 'env');
  const warning = hooks.workspace0x ? (findTrustShadow(root, command)?.detail ?? null) : null;
  const own = workspaceHooks(host.platform, hooks);
  if (own.length > 0 && isInPlace(host, workspace, hooks))
    return { attached: true, detail: 'by its own hook files', warning };
  if (userHook && !hooks.workspace0x) return { attached: true, detail: "by the user's hook", warning };
  return { attached: false, detail: whyNot(root, own, recorded), warning };
}

function whyNot(root: string, own: readonly WorkspaceHook[], recorded: ReadonlySet<string>): string {
  if (own.length === 0) return "the user's hook is missing";
  const obstacle = findObstacle(root);
  if (obstacle !== null) return obstacle;
  const folder = hookFolder(root);
  const placed = own.some(({ name }) => recorded.has(keyOf({ kind: 'hook-workspace', file: path.join(folder, name) })));
  return placed ? 'its user removed or changed the hook; --force puts it back' : 'not yet';
}
