import * as z from 'zod';
import type { HookEntry, Scope } from '../core/event.ts';
import {
  type FoundFile,
  fitting,
  MAX_ENTRIES,
  parseJson,
  readFilesIn,
  record,
  shortName,
  shortText,
} from './inventory-files.ts';

const action = z.object({ command: z.string().optional(), prompt: z.string().optional() });
const hook1x = z.object({ name: z.string().catch(''), trigger: z.string(), action });
const file1x = z.object({ hooks: z.array(z.unknown()) });
const file0x = z.object({
  name: z.string().catch(''),
  when: z.object({ type: z.string() }),
  // biome-ignore lint/suspicious/noThenProperty: it is the field's name in Kiro's file, and nobody awaits the schema
  then: action,
});

/**
 * The hooks that Kiro may run (kiro/README I7): 1.x files of the user and of each workspace, 0.x files of each workspace.
 * `isOurs` decides by the command.
 */
export async function readHooks(
  dotKiro: string,
  roots: readonly string[],
  isOurs: (command: string) => boolean,
): Promise<HookEntry[]> {
  const files = (await readFilesIn(dotKiro, ['hooks'], /\.json$/)).map((file) => ({ file, scope: 'user' as Scope }));
  for (const root of roots) {
    const found = await readFilesIn(root, ['.kiro', 'hooks'], /\.(?:json|kiro\.hook)$/);
    files.push(...found.map((file) => ({ file, scope: 'workspace' as Scope })));
  }
  return files.flatMap(({ file, scope }) => hooksIn(file, scope, isOurs)).slice(0, MAX_ENTRIES);
}

function hooksIn(file: FoundFile, scope: Scope, isOurs: (command: string) => boolean): HookEntry[] {
  return triggersIn(file).map(({ name, trigger, action: { command, prompt } }) => ({
    name: shortName(name === '' ? file.name : name),
    scope,
    trigger: shortName(trigger),
    action: shortText(command ?? prompt ?? ''),
    sha256: file.sha256,
    ours: command !== undefined && isOurs(command),
  }));
}

function triggersIn({ name: fileName, text }: FoundFile): z.output<typeof hook1x>[] {
  if (fileName.endsWith('.json')) {
    const hooks = parseJson(text, file1x)?.hooks ?? [];
    return fitting(record.parse({ ...hooks }), hook1x).map(([, hook]) => hook);
  }
  const hook = parseJson(text, file0x);
  return hook === null ? [] : [{ name: hook.name, trigger: hook.when.type, action: hook.then }];
}
