import { existsSync } from 'node:fs';
import type { Host } from '../core/host.ts';
import { type AttachOptions, dispatcherSteps, type UserStep, userSteps } from './attach.ts';
import { frozenRecord, withRecord } from './attachment-record.ts';
import { type Change, type Plan, takeStep } from './change.ts';
import type { StepContext } from './recorded-edit.ts';
import { whyNoRepair } from './repair-limit.ts';

export type MendOptions = Pick<AttachOptions, 'paths' | 'hooks' | 'dispatcher'>;

/**
 * Puts back what drifted away since the install, outside the workspaces: the dispatcher, the user's hook, the trust. Not more
 * often than `whyNoRepair` allows, and not what its user changed and kept ours. Answers how each thing stands now; nothing
 * when nothing was installed. Takes the record only when something is amiss, and waits a second for it. Throws
 * `attachments-busy`, `database-unusable`.
 */
export function mend(host: Host, options: MendOptions): Change[] {
  if (!existsSync(host.own.attachments)) return [];
  const looked = takeInOrder({ host, record: frozenRecord([]) }, options, true, (step) => step.plan());
  if (looked.every(({ result }) => result === 'already')) return looked;
  return withRecord(
    host,
    (record) => {
      // Without a dispatcher in it this is the record of an install that was undone, or is not through.
      if (!record.list().some(({ kind }) => kind === 'dispatcher')) return [];
      return takeInOrder({ host, record }, options, false, (step) => withinLimit({ host, record }, step));
    },
    1_000,
  );
}

function takeInOrder(
  context: StepContext,
  options: MendOptions,
  dryRun: boolean,
  plan: (step: UserStep) => Plan,
): Change[] {
  const take = (step: UserStep) => takeStep(dryRun, step.step, step.file, () => plan(step));
  const scripts = dispatcherSteps(context, options).flatMap(take);
  // As for the install: no hook is placed before the program it calls.
  if (scripts.some(({ result }) => result === 'failed')) return scripts;
  return [...scripts, ...userSteps(context, options).flatMap(take)];
}

function withinLimit({ host, record }: StepContext, { file, plan }: UserStep): Plan {
  const planned = plan();
  if (planned.result !== 'done') return planned;
  const why = whyNoRepair(record.repairs(file), host.now());
  if (why !== null) return { result: 'skipped', detail: why };
  const act = () => {
    record.noteRepair(file);
    planned.act?.();
  };
  return { ...planned, act };
}
