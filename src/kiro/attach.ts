/**
 * Attaching: putting our entries where Kiro will run them, and remembering how to take them away.
 *
 * - What is in place already is not touched: a second run changes no file.
 * - Each step stands alone; one that fails is reported and the others are still done. But no hook is placed before
 *   the dispatcher it calls is there.
 * - Every change is recorded before it is made.
 * - A file that is not ours, does not parse, or is a link where a file should be is never written.
 */
import path from 'node:path';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { planPermission } from './attach-permission.ts';
import { planTrust } from './attach-trust.ts';
import { attachOneWorkspace } from './attach-workspace.ts';
import { type ChangeKind, frozenRecord, readRecord, withRecord } from './attachment-record.ts';
import { type Change, type Plan, takeStep } from './change.ts';
import { dispatcherCommand } from './dispatcher-command.ts';
import { isOurDispatcher } from './dispatcher-file.ts';
import { HOOK_FILE_1X, hookText1x, isOursAlone1x } from './hook-file-1x.ts';
import type { HooksToPlace } from './hooks-to-place.ts';
import { findSettingsFiles, type KiroPaths } from './paths.ts';
import { userPermissionFile } from './permission-files.ts';
import { planFile } from './place-file.ts';
import type { StepContext } from './recorded-edit.ts';
import type { Workspace } from './workspaces.ts';

export interface DispatcherScript {
  /** The file's name, one of `DISPATCHER_FILES`. */
  name: string;
  text: string;
}

export interface AttachOptions {
  paths: KiroPaths;
  hooks: HooksToPlace;
  workspaces: readonly Workspace[];
  dispatcher: readonly DispatcherScript[];
  /** Says what would be done, and writes nothing at all. */
  dryRun?: boolean;
  /** Puts back hooks that their user removed or changed. */
  force?: boolean;
  /** Also allows our hook's command in the permissions of Kiro 1.x. */
  permission?: boolean;
}

/**
 * Attaches everything: dispatcher, the user's hook, trust, permission, and each workspace. Changes come in that order. On the
 * user's word, so what the daemon gave up is tried again. Throws only
 * `attachments-busy` and `database-unusable`; every other trouble is the `failure` of a change.
 */
export function attach(host: Host, options: AttachOptions): Change[] {
  return inContext(host, options.dryRun ?? false, (context) => {
    if (options.dryRun !== true) context.record.forgetRepairs();
    return attachAll(context, options);
  });
}

/**
 * Attaches workspaces alone, for the daemon. Takes the record, and with it the lock, only when one of them lacks something.
 * It does not give other code a turn: hand over many in portions. Waits a second for the lock and not longer, because the
 * daemon looks again anyway. Throws as `attach` does.
 */
export function attachWorkspaces(
  host: Host,
  { hooks, workspaces, dryRun = false, force = false }: Omit<AttachOptions, 'paths' | 'dispatcher'>,
): Change[] {
  const each = (context: StepContext, dry: boolean) =>
    workspaces.flatMap((workspace) => attachOneWorkspace(context, workspace, hooks, { dryRun: dry, force }));
  const planned = each({ host, record: frozenRecord([]) }, true);
  const complete = planned.every((change) => change.result !== 'planned');
  return complete ? planned : inContext(host, dryRun, (context) => each(context, dryRun), 1_000);
}

function attachAll(context: StepContext, options: AttachOptions): Change[] {
  const { workspaces, hooks, dryRun = false, force = false } = options;
  const scripts = takeAll(dryRun, dispatcherSteps(context, options));
  const missing = scripts.find((change) => change.failure !== null)?.failure;
  if (missing) return [...scripts, withoutDispatcher(path.join(options.paths.userHooks, HOOK_FILE_1X), missing)];
  return [
    ...scripts,
    ...takeAll(dryRun, userSteps(context, options)),
    ...workspaces.flatMap((workspace) => attachOneWorkspace(context, workspace, hooks, { dryRun, force })),
  ];
}

/** One thing of ours outside the workspaces. */
export interface UserStep {
  step: ChangeKind;
  file: string;
  plan(): Plan;
}

const takeAll = (dryRun: boolean, steps: readonly UserStep[]) =>
  steps.flatMap(({ step, file, plan }) => takeStep(dryRun, step, file, plan));

/** The program that hooks call; it comes before any of them. */
export function dispatcherSteps(
  context: StepContext,
  { paths, dispatcher }: Pick<AttachOptions, 'paths' | 'dispatcher'>,
): UserStep[] {
  return dispatcher.map(({ name, text }) => {
    const file = path.join(paths.scripts, name);
    return { step: 'dispatcher', file, plan: () => planDispatcher(context, file, text) };
  });
}

/** The user's hook, and what Kiro must be told to run it unasked. */
export function userSteps(
  context: StepContext,
  { paths, hooks, force = false, permission = false }: Pick<AttachOptions, 'paths' | 'hooks' | 'force' | 'permission'>,
): UserStep[] {
  const hook = path.join(paths.userHooks, HOOK_FILE_1X);
  const rules = userPermissionFile(paths);
  const command = dispatcherCommand(context.host.platform, 'env');
  const settings = hooks.trust ? paths.userDataDirs.flatMap(findSettingsFiles) : [];
  const trust = settings.map((file): UserStep => {
    return { step: 'trust', file, plan: () => planTrust(context, file, command) };
  });
  return [
    ...(hooks.user1x
      ? [{ step: 'hook-user' as const, file: hook, plan: () => planUserHook(context, hook, force) }]
      : []),
    ...trust,
    ...(permission ? [{ step: 'permission' as const, file: rules, plan: () => planPermission(context, rules) }] : []),
  ];
}

/** A hook that calls a missing program tells the agent of Kiro 0.x about a failure at each turn (kiro/README K10). */
function withoutDispatcher(userHook: string, cause: Failure): Change {
  const failure = new Failure(cause.code, 'No hook was placed, because the dispatcher that hooks call could not be', {
    hint: 'Correct what kept the dispatcher from its place, then run the command again.',
    cause,
  });
  return { step: 'hook-user', file: userHook, result: 'failed', detail: failure.message, failure };
}

function planDispatcher(context: StepContext, file: string, text: string): Plan {
  const place = { mode: 0o700, folderMode: 0o700, workspace: null, check() {} };
  // A dispatcher is a program of ours, not a choice of the user's: a changed one is always put right.
  return planFile(context, { kind: 'dispatcher', file, text, isOurs: isOurDispatcher, ...place }, true);
}

function planUserHook(context: StepContext, file: string, force: boolean): Plan {
  const text = hookText1x(dispatcherCommand(context.host.platform, 'stdin'));
  const place = { mode: 0o600, folderMode: 0o700, workspace: null, check() {} };
  return planFile(context, { kind: 'hook-user', file, text, isOurs: isOursAlone1x, ...place }, force);
}

function inContext<T>(host: Host, dryRun: boolean, work: (context: StepContext) => T, waitMs?: number): T {
  if (dryRun) return work({ host, record: frozenRecord(readRecord(host)) });
  return withRecord(host, (record) => work({ host, record }), waitMs);
}
