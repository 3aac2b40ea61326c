import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import type { Plan } from './change.ts';
import { dispatcherCommand } from './dispatcher-command.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { judgeCommand } from './permission-match.ts';
import { isOurRule, permissionRule } from './permission-rule.ts';
import { readPermissions } from './permissions.ts';
import { addRule } from './permissions-edit.ts';
import { adoptFound, editRecorded, ensureFolder, type StepContext } from './recorded-edit.ts';

/**
 * Plans to allow our hook's command in the user's permissions of Kiro 1.x, on the user's word only: it is not known that Kiro
 * asks at all (kiro/README K17). Throws `file-unparsable`, `edit-unsafe`.
 */
export function planPermission({ host, record }: StepContext, file: string): Plan {
  const place = { kind: 'permission', file, entry: '', workspace: null } as const;
  const rule = permissionRule(host.platform);
  const edit = (before: Buffer | undefined) => {
    const { text, added } = addRule(before === undefined ? undefined : decodeUtf8(before, file), rule, file);
    return added === null ? null : { bytes: Buffer.from(text), added };
  };
  const current = readIfExists(file);
  const { rules } = readPermissions(current?.toString('utf8') ?? '');
  const effect = judgeCommand(rules, dispatcherCommand(host.platform, 'stdin'));
  if (effect === 'allow') {
    const own = rules.some(isOurRule);
    return { result: 'already', detail: 'our hook is allowed', ...(own && { act: () => adoptFound(record, place) }) };
  }
  if (effect !== null) {
    const wins = effect === 'deny' ? 'denies our hook' : 'makes Kiro ask about our hook';
    return { result: 'skipped', detail: `a rule in it ${wins}, and wins over any that allows it` };
  }
  edit(current);
  const act = () => {
    ensureFolder(record, path.dirname(file), null, 0o700);
    editRecorded({ host, record }, place, edit);
  };
  return { result: 'done', detail: current === undefined ? 'made, with our rule' : 'our rule added', act };
}
