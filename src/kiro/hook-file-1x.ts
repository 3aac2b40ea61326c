import { findNodeAtLocation } from 'jsonc-parser';
import * as z from 'zod';
import { isDispatcherCommand } from './dispatcher-command.ts';
import { hookText, readHookJson } from './hook-template.ts';
import { parseJsonc } from './jsonc-document.ts';
import { applyCuts, cutChild } from './jsonc-edit.ts';

/**
 * Our hook for Kiro 1.x, in `~/.kiro/hooks/` or a workspace root's `.kiro/hooks/` (kiro/README K7, K8). It has the name
 * that Kiro gives its upgrade of our 0.x file, so that both land in one place (K13).
 */
export const HOOK_FILE_1X = 'capsule-stop.json';

/** The whole text of our 1.x hook file. Its time limit is not 0, which would mean none (K18). */
export function hookText1x(command: string): string {
  return hookText(HOOK_FILE_1X, command);
}

const Command1x = z.looseObject({ action: z.looseObject({ command: z.string() }), enabled: z.unknown().optional() });
const HookFile1x = z.looseObject({ version: z.string(), hooks: z.array(z.unknown()) });

/** Which of a 1.x hook file's hooks run our dispatcher, by place in its list; null for anything that is not a hook file. */
export function findOurs1x(text: string): { ours: number[]; others: number } | null {
  const file = HookFile1x.safeParse(readHookJson(text)).data;
  if (file === undefined) return null;
  const ours = file.hooks.flatMap((hook, index) =>
    isDispatcherCommand(Command1x.safeParse(hook).data?.action.command ?? '') ? [index] : [],
  );
  return { ours, others: file.hooks.length - ours.length };
}

/** Whether a 1.x hook file runs our dispatcher, be it as we wrote it or as Kiro's upgrade of our 0.x file wrote it. */
export function isOurs1x(text: string): boolean {
  return (findOurs1x(text)?.ours.length ?? 0) > 0;
}

/** Whether one of our hooks in a 1.x hook file is switched on, as it is unless it says otherwise (kiro/README K7). */
export function isOn1x(text: string): boolean {
  const hooks = HookFile1x.safeParse(readHookJson(text)).data?.hooks ?? [];
  return (findOurs1x(text)?.ours ?? []).some((index) => Command1x.safeParse(hooks[index]).data?.enabled !== false);
}

/** The same, and there is nobody else's hook in it: only then may the file be replaced or removed as a whole. */
export function isOursAlone1x(text: string): boolean {
  return isOurs1x(text) && findOurs1x(text)?.others === 0;
}

/**
 * The text of a 1.x hook file without our hooks, everything else byte for byte as it was; the same text when there are
 * none. `file` is for messages. Throws `file-unparsable`.
 */
export function withoutOurs1x(text: string, file: string): string {
  const index = findOurs1x(text)?.ours[0];
  if (index === undefined) return text;
  const { bom, body, root } = parseJsonc(text, file);
  const hooks = root === undefined ? undefined : findNodeAtLocation(root, ['hooks']);
  if (hooks === undefined) return text;
  return withoutOurs1x(bom + applyCuts(body, cutChild(body, hooks, index)), file);
}
