import type { RecordedChange } from './attachment-record.ts';
import { isDispatcherCommand } from './dispatcher-command.ts';
import { isOurDispatcher } from './dispatcher-file.ts';
import { isOurExclusion, removeLine } from './git-exclude.ts';
import { isOurs0x } from './hook-file-0x.ts';
import { isOurs1x, isOursAlone1x, withoutOurs1x } from './hook-file-1x.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { isEmptyRules, removeRule } from './permissions-edit.ts';
import { parseAddition, removeTrusted } from './trusted-commands.ts';

/**
 * The bytes of a recorded file without our entry, when it is no longer as we left it. null when nothing else is in it, so
 * that it goes as a whole; `not-ours` when it is somebody else's now. Throws `file-unparsable`, `edit-unsafe`.
 */
export function withoutOurs(change: RecordedChange, current: Buffer): Buffer | null | 'not-ours' {
  const { kind, file } = change;
  switch (kind) {
    case 'dispatcher':
      return isOurDispatcher(current.toString('utf8')) ? null : 'not-ours';
    case 'hook-user':
    case 'hook-workspace':
      return withoutOurHook(file, decodeUtf8(current, file));
    case 'trust': {
      const added = parseAddition(change.added);
      return Buffer.from(removeTrusted(decodeUtf8(current, file), isDispatcherCommand, file, added));
    }
    case 'permission': {
      const rest = removeRule(decodeUtf8(current, file), change.added, file);
      return isEmptyRules(rest) && change.before === null ? null : Buffer.from(rest);
    }
    case 'git-exclude': {
      const rest = removeLine(current, change.entry, change.added);
      return rest.length === 0 && heldOnlyOurs(change.before) ? null : rest;
    }
    case 'folder':
      return 'not-ours';
  }
}

/** Whether a list of exclusions was not there, or had only other lines of ours in it, before this one came. */
function heldOnlyOurs(before: Uint8Array | null): boolean {
  const lines = Buffer.from(before ?? [])
    .toString('latin1')
    .split(/\r?\n/);
  return before === null || (before.length > 0 && lines.every((line) => line === '' || isOurExclusion(line)));
}

function withoutOurHook(file: string, text: string): Buffer | null | 'not-ours' {
  if (isOurs0x(text) || isOursAlone1x(text)) return null;
  return isOurs1x(text) ? Buffer.from(withoutOurs1x(text, file)) : 'not-ours';
}
