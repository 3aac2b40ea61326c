import * as z from 'zod';
import { isDispatcherCommand } from './dispatcher-command.ts';
import { hookText, readHookJson } from './hook-template.ts';

/** Our hook for Kiro 0.x: `.kiro/hooks/` of a workspace root (kiro/README K6). */
export const HOOK_FILE_0X = 'capsule-stop.kiro.hook';

/** The whole text of our 0.x hook file. `command` must be exactly what is trusted (K14). */
export function hookText0x(command: string): string {
  return hookText(HOOK_FILE_0X, command);
}

// biome-ignore lint/suspicious/noThenProperty: Kiro's format calls it so, and nothing awaits a schema.
const Hook0x = z.looseObject({ then: z.looseObject({ command: z.string() }) });

/** Whether a 0.x hook file runs our dispatcher. False for anything that is not a hook file. */
export function isOurs0x(text: string): boolean {
  return isDispatcherCommand(Hook0x.safeParse(readHookJson(text)).data?.then.command ?? '');
}
