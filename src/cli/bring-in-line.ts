import type { Host } from '../core/host.ts';
import { type AttachOptions, attach } from '../kiro/attach.ts';
import { readRecord } from '../kiro/attachment-record.ts';
import { type AttachmentState, attachmentState } from '../kiro/attachment-state.ts';
import { type AttachmentWarning, userWarnings, workspaceWarnings } from '../kiro/attachment-warnings.ts';
import type { Change } from '../kiro/change.ts';
import { chooseHooks, type HooksToPlace } from '../kiro/hooks-to-place.ts';
import { type KiroPaths, kiroPaths } from '../kiro/paths.ts';
import { detachUnwanted } from '../kiro/unwanted.ts';
import { findKiro } from '../kiro/versions.ts';
import { listWorkspaces, type Workspace } from '../kiro/workspaces.ts';
import { dispatcherFiles } from './dispatcher-files.ts';
import { settingsInForce } from './settings-in-force.ts';

/** What a command sees when it looks around once. */
export interface Surroundings {
  paths: KiroPaths;
  hooks: HooksToPlace;
  workspaces: Workspace[];
  exclude: readonly string[];
}

/** Looks for Kiro and its workspaces, with our settings as they are, or as they are about to be. */
export async function lookAround(host: Host, settings = settingsInForce(host)): Promise<Surroundings> {
  const paths = kiroPaths(host, settings);
  const hooks = chooseHooks(findKiro(host, paths, settings), settings['hooks.mode']);
  const workspaces = await listWorkspaces(host, paths, settings);
  return { paths, hooks, workspaces, exclude: settings['workspaces.exclude'] };
}

/**
 * Makes what is attached what is wanted: adds what lacks, then takes away what is in excess, so that no turn falls between
 * the two. Throws `attachments-busy`, `database-unusable`.
 */
export function bringInLine(
  host: Host,
  around: Surroundings,
  options: Pick<AttachOptions, 'dryRun' | 'force' | 'permission'> = {},
): Change[] {
  const added = attach(host, { ...around, ...options, dispatcher: dispatcherFiles(host) });
  return [...added, ...detachUnwanted(host, around, { dryRun: options.dryRun ?? false })];
}

/** Whether something of ours is attached, so that a changed setting is to be acted on. Throws as `readRecord` does. */
export function isInstalled(host: Host, waitMs?: number): boolean {
  return readRecord(host, waitMs).some(({ kind }) => kind === 'dispatcher');
}

/** How everything stands, and what needs a person. Throws as `attachmentState` does. */
export function takeStock(
  host: Host,
  { paths, hooks, workspaces }: Surroundings,
): AttachmentState & { warnings: AttachmentWarning[] } {
  const state = attachmentState(host, paths, hooks, workspaces);
  return { ...state, warnings: [...userWarnings(state), ...state.workspaces.flatMap(workspaceWarnings)] };
}
