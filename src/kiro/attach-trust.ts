import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import type { Plan } from './change.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { adoptFound, editRecorded, ensureFolder, type StepContext } from './recorded-edit.ts';
import { addTrusted } from './trusted-commands.ts';

/**
 * Plans to trust our command in one settings file (kiro/README K14). Unlike a hook in a workspace it is put back when it
 * went missing: without it every turn asks the user, and Kiro itself may have dropped it. Throws `file-unparsable`.
 */
export function planTrust({ host, record }: StepContext, file: string, command: string): Plan {
  const place = { kind: 'trust', file, entry: '', workspace: null } as const;
  const edit = (before: Buffer | undefined) => {
    const { text, added } = addTrusted(before === undefined ? undefined : decodeUtf8(before, file), command, file);
    return added === null ? null : { bytes: Buffer.from(text), added: JSON.stringify(added) };
  };
  const current = readIfExists(file);
  if (edit(current) === null) {
    return { result: 'already', detail: 'trusted', act: () => adoptFound(record, place) };
  }
  const act = () => {
    ensureFolder(record, path.dirname(file), null, 0o700);
    editRecorded({ host, record }, place, edit);
  };
  return {
    result: 'done',
    detail: current === undefined ? 'made, with our command trusted' : 'our command trusted',
    act,
  };
}
