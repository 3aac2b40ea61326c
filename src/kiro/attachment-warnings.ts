import type { StoppingRule, UserStanding, WorkspaceStanding } from './attachment-state.ts';

/** Something in a file of the user's or of a repository's that keeps our hook from ringing; we never edit it ourselves. */
export interface AttachmentWarning {
  code: 'dispatcher-missing' | 'user-hook-missing' | 'trust-missing' | 'trust-shadowed' | 'permission-stops-hook';
  file: string;
  /** One sentence without its full stop. */
  message: string;
  fix: string;
}

/** What outside the workspaces keeps turns from ringing. Pure. */
export function userWarnings({ dispatcher, hook, trust, rule }: UserStanding): AttachmentWarning[] {
  const again = 'capsule-kiro install';
  return [
    ...(dispatcher.inPlace
      ? []
      : [warn('dispatcher-missing', dispatcher.file, 'The program that hooks call is missing', again)]),
    ...(hook === null || hook.inPlace
      ? []
      : [warn('user-hook-missing', hook.file, `The user's hook does not ring: ${hook.detail}`, `${again} --force`)]),
    ...trust
      .filter(({ inPlace }) => !inPlace)
      .map(({ file, detail }) => {
        const fix = `Correct it there; capsule-kiro install puts a missing entry back`;
        return warn('trust-missing', file, `Kiro 0.x asks before it runs our hook: ${detail}`, fix);
      }),
    ...ruleWarnings(rule),
  ];
}

/** What keeps turns in one workspace from ringing although its hooks are in place. Pure. */
export function workspaceWarnings({ shadow, rule }: Pick<WorkspaceStanding, 'shadow' | 'rule'>): AttachmentWarning[] {
  return [
    ...(shadow === null ? [] : [warn('trust-shadowed', shadow.file, shadow.detail, shadow.remedy)]),
    ...ruleWarnings(rule),
  ];
}

/** That a rule of Kiro 1.x stops our hook; none when there is no such rule. Pure. */
export function ruleWarnings(rule: StoppingRule | null): AttachmentWarning[] {
  if (rule === null) return [];
  const does = rule.effect === 'deny' ? 'denies' : 'makes Kiro 1.x ask about';
  const message = `A shell rule ${does} our hook, and wins over any that allows it`;
  // Kiro judges each part of the hook's command by itself (kiro/README K28), and `|| true` is one of them.
  const fix = 'Add "*capsule-dispatch*" and "true" (on Windows "exit /b 0") to that rule\'s exclude list';
  return [warn('permission-stops-hook', rule.file, message, fix)];
}

function warn(code: AttachmentWarning['code'], file: string, message: string, fix: string): AttachmentWarning {
  return { code, file, message, fix };
}
