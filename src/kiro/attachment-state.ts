import { existsSync } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type WorkspaceHook, workspaceHooks } from './attach-workspace.ts';
import { type RecordedChange, readRecord } from './attachment-record.ts';
import { dispatcherCommand } from './dispatcher-command.ts';
import { dispatcherFile } from './dispatcher-file.ts';
import { HOOK_FILE_1X, hookText1x, isOn1x, isOurs1x } from './hook-file-1x.ts';
import type { HooksToPlace } from './hooks-to-place.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { findSettingsFiles, type KiroPaths } from './paths.ts';
import { findStoppingRule, userPermissionFile, workspacePermissionFile } from './permission-files.ts';
import { REMOVED_BY_USER, readRegular } from './place-file.ts';
import { judgeTrust } from './trust-judgement.ts';
import { findTrustShadow, type TrustShadow } from './trust-shadow.ts';
import { readTrusted } from './trusted-commands.ts';
import { findObstacle, hookFolder } from './workspace-folder.ts';
import type { Workspace } from './workspaces.ts';

/** How one thing of ours stands. `detail` is one clause for a person. */
export interface Standing {
  file: string;
  inPlace: boolean;
  /** In place, but not as we wrote it. */
  kept: boolean;
  detail: string;
}

/** A rule of Kiro 1.x that keeps our hook from running unasked. */
export interface StoppingRule {
  file: string;
  effect: 'deny' | 'ask';
}

export interface WorkspaceStanding {
  workspace: Workspace;
  /** Whether a turn in it will ring. */
  attached: boolean;
  /** Attached by a hook that its user changed. */
  kept: boolean;
  detail: string;
  shadow: TrustShadow | null;
  rule: StoppingRule | null;
}

/** How things stand outside the workspaces. */
export interface UserStanding {
  dispatcher: Standing;
  /** null when it is not wanted. */
  hook: Standing | null;
  /** One for each settings file; empty when trust is not wanted. */
  trust: Standing[];
  rule: StoppingRule | null;
}

/** How everything outside the workspaces stands on disk. Reads only; never throws, trouble with a file is how it stands. */
export function userStanding(host: Pick<Host, 'platform'>, paths: KiroPaths, hooks: HooksToPlace): UserStanding {
  const { platform } = host;
  const script = dispatcherFile(paths, platform);
  const settings = hooks.trust ? paths.userDataDirs.flatMap(findSettingsFiles) : [];
  const text = hookText1x(dispatcherCommand(platform, 'stdin'));
  const hook = path.join(paths.userHooks, HOOK_FILE_1X);
  return {
    dispatcher: standing(script, () => (existsSync(script) ? IN_PLACE : MISSING)),
    hook: hooks.user1x ? standing(hook, () => lookAtHook(hook, { text, isOurs: isOurs1x, isOn: isOn1x })) : null,
    trust: settings.map((file) => trustStanding(file, dispatcherCommand(platform, 'env'))),
    rule: has1x(hooks) ? stoppingRule(host, userPermissionFile(paths)) : null,
  };
}

export interface WorkspaceLook {
  paths: KiroPaths;
  hooks: HooksToPlace;
  /** Whether the user's own hook is in place. */
  userHook: boolean;
  /** Hook files that the record says we placed; asked for only when one is missing. */
  placed: () => ReadonlySet<string>;
}

/** How one workspace stands. Reads a handful of small files. Throws what `placed` throws. */
export function workspaceStanding(
  host: Pick<Host, 'platform'>,
  workspace: Workspace,
  { paths, hooks, userHook, placed }: WorkspaceLook,
): WorkspaceStanding {
  const root = workspace.path;
  const about = { workspace, attached: false, kept: false, shadow: null, rule: null };
  if (workspace.state !== 'local' || root === null) {
    return { ...about, detail: workspace.reason ?? workspace.state };
  }
  const found = {
    shadow: hooks.workspace0x ? findTrustShadow(root, dispatcherCommand(host.platform, 'env')) : null,
    rule: has1x(hooks) ? stoppingRule(host, workspacePermissionFile(paths, root, host.platform)) : null,
  };
  const own = workspaceHooks(host.platform, hooks);
  const stands = findObstacle(root) === null ? own.map((hook) => hookIn(root, hook)) : [];
  if (stands.length > 0 && stands.every(({ inPlace }) => inPlace)) {
    const changed = stands.find(({ kept }) => kept);
    return { ...about, ...found, attached: true, kept: changed !== undefined, detail: changed?.detail ?? BY_OWN };
  }
  if (userHook && !hooks.workspace0x) return { ...about, ...found, attached: true, detail: "by the user's hook" };
  return { ...about, ...found, detail: whyNot(root, stands, placed) };
}

/** The hook files that the record says we placed in workspaces. Throws as `readRecord` does. */
export function placedHooks(host: Host, waitMs?: number): ReadonlySet<string> {
  const isPlaced = ({ kind, state }: RecordedChange) => kind === 'hook-workspace' && state === 'made';
  return new Set(
    readRecord(host, waitMs)
      .filter(isPlaced)
      .map(({ file }) => file),
  );
}

export interface AttachmentState extends UserStanding {
  workspaces: WorkspaceStanding[];
}

/** How everything stands, for a command that ends after it. Throws only `attachments-busy` and `database-unusable`. */
export function attachmentState(
  host: Host,
  paths: KiroPaths,
  hooks: HooksToPlace,
  workspaces: readonly Workspace[],
): AttachmentState {
  const user = userStanding(host, paths, hooks);
  let known: ReadonlySet<string> | undefined;
  const placed = () => {
    known ??= placedHooks(host);
    return known;
  };
  const look = { paths, hooks, userHook: user.hook?.inPlace ?? false, placed };
  return { ...user, workspaces: workspaces.map((workspace) => workspaceStanding(host, workspace, look)) };
}

type Look = Omit<Standing, 'file'>;
const IN_PLACE: Look = { inPlace: true, kept: false, detail: 'in place' };
const MISSING: Look = { inPlace: false, kept: false, detail: 'missing' };
const BY_OWN = 'by its own hook files';

const has1x = (hooks: HooksToPlace) => hooks.user1x || hooks.workspace1x;

function hookIn(root: string, hook: WorkspaceHook): Standing {
  const file = path.join(hookFolder(root), hook.name);
  return standing(file, () => lookAtHook(file, hook));
}

function lookAtHook(file: string, { text, isOurs, isOn }: Pick<WorkspaceHook, 'text' | 'isOurs' | 'isOn'>): Look {
  const found = readRegular(file)?.toString('utf8');
  if (found === undefined) return MISSING;
  if (found === text) return IN_PLACE;
  if (isOn(found)) return { inPlace: true, kept: true, detail: 'its user changed the hook, which was left so' };
  const detail = isOurs(found) ? 'its user switched the hook off' : `${file} is there and is not ours`;
  return { inPlace: false, kept: false, detail };
}

function trustStanding(file: string, command: string): Standing {
  return standing(file, () => {
    const bytes = readIfExists(file);
    const text = bytes === undefined ? undefined : decodeUtf8(bytes, file);
    return { ...judgeTrust(readTrusted(text, file), command), kept: false };
  });
}

function stoppingRule({ platform }: Pick<Host, 'platform'>, file: string): StoppingRule | null {
  const effect = findStoppingRule(file, dispatcherCommand(platform, 'stdin'));
  return effect === null ? null : { file, effect };
}

/** Trouble with one file is how that file stands. */
function standing(file: string, look: () => Look): Standing {
  try {
    return { file, ...look() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { file, inPlace: false, kept: false, detail: error.message };
  }
}

function whyNot(root: string, stands: readonly Standing[], placed: () => ReadonlySet<string>): string {
  const obstacle = findObstacle(root);
  if (obstacle !== null) return obstacle;
  const lacking = stands.find(({ inPlace }) => !inPlace);
  if (lacking === undefined) return "the user's hook is missing";
  if (lacking.detail !== MISSING.detail) return lacking.detail;
  return placed().has(lacking.file) ? REMOVED_BY_USER : 'waits for the daemon';
}
