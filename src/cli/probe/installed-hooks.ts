import path from 'node:path';
import * as z from 'zod';
import { readIfExists } from '../../core/careful-file.ts';
import type { Host } from '../../core/host.ts';
import { type RecordedChange, readRecord } from '../../kiro/attachment-record.ts';
import { isDispatcherCommand } from '../../kiro/dispatcher-command.ts';
import { HOOK_FILE_0X } from '../../kiro/hook-file-0x.ts';
import { isOn1x } from '../../kiro/hook-file-1x.ts';
import { readHookJson } from '../../kiro/hook-template.ts';
import { decodeUtf8 } from '../../kiro/jsonc-document.ts';
import { findSettingsFiles, kiroPaths } from '../../kiro/paths.ts';
import { judgeTrust } from '../../kiro/trust-judgement.ts';
import { findTrustShadow } from '../../kiro/trust-shadow.ts';
import { readTrusted } from '../../kiro/trusted-commands.ts';
import { settingsInForce } from '../settings-in-force.ts';

/** A hook of ours that Kiro is to run, or why it would not run it. */
export interface InstalledHook {
  generation: 'ide-0.x' | 'ide-1.x';
  file: string;
  /** Where Kiro would run it. */
  cwd: string;
  command: string | null;
  /** Why Kiro would not run it unasked; null when it would. */
  obstacle: { detail: string; fix: string } | null;
}

/**
 * One hook of each generation that is attached: the user's own for 1.x where there is one, else one of a workspace, a whole
 * one rather than a broken one. Throws as `readRecord` does.
 */
export function installedHooks(host: Host): InstalledHook[] {
  const placed = readRecord(host).filter(({ kind }) => kind === 'hook-user' || kind === 'hook-workspace');
  const of0x = placed.filter(({ file }) => path.basename(file) === HOOK_FILE_0X).map((change) => look0x(host, change));
  const of1x = placed
    .filter(({ file }) => path.basename(file) !== HOOK_FILE_0X)
    .sort((a, b) => a.kind.localeCompare(b.kind))
    .map((change) => look1x(host, change));
  return [of1x, of0x].flatMap((hooks) => hooks.find(({ obstacle }) => obstacle === null) ?? hooks[0] ?? []);
}

const REPAIR = 'capsule-kiro install --force';

function look1x({ home }: Host, { file, workspace }: RecordedChange): InstalledHook {
  const cwd = workspace ?? home;
  const text = readText(file);
  const hooks = HookFile1x.safeParse(readHookJson(text ?? '')).data?.hooks ?? [];
  const command = hooks.map(({ action }) => action.command).find((each) => isDispatcherCommand(each)) ?? null;
  const obstacle = missing(file, text, command) ?? (isOn1x(text ?? '') ? null : off(file));
  return { generation: 'ide-1.x', file, cwd, command, obstacle };
}

function look0x(host: Host, { file, workspace }: RecordedChange): InstalledHook {
  const cwd = workspace ?? host.home;
  const text = readText(file);
  const hook = HookFile0x.safeParse(readHookJson(text ?? '')).data;
  const command = hook?.then.command ?? null;
  const obstacle =
    missing(file, text, command) ?? (hook?.enabled === false ? off(file) : untrusted(host, cwd, command ?? ''));
  return { generation: 'ide-0.x', file, cwd, command, obstacle };
}

function missing(file: string, text: string | undefined, command: string | null): InstalledHook['obstacle'] {
  if (text === undefined) return { detail: `${file} is gone`, fix: REPAIR };
  if (command === null) return { detail: `${file} does not run the dispatcher any more`, fix: REPAIR };
  return null;
}

function off(file: string): InstalledHook['obstacle'] {
  return { detail: `the hook is switched off in ${file}`, fix: 'Switch it on in Kiro, under Agent Hooks' };
}

/** Kiro 0.x asks before it runs a command that is not trusted, each turn (kiro/README K14, K15, K16). */
function untrusted(host: Host, workspace: string, command: string): InstalledHook['obstacle'] {
  const shadow = findTrustShadow(workspace, command);
  if (shadow !== null) return { detail: `Kiro 0.x would ask first: ${shadow.detail}`, fix: shadow.remedy };
  const files = kiroPaths(host, settingsInForce(host)).userDataDirs.flatMap(findSettingsFiles);
  const judged = files.map((file) => judgeTrust(readTrusted(readText(file) ?? '{}', file), command));
  if (judged.some(({ inPlace }) => inPlace)) return null;
  const detail = judged[0]?.detail ?? 'there are no settings of Kiro in which it could be trusted';
  return { detail: `Kiro 0.x would ask first: ${detail}`, fix: 'capsule-kiro install' };
}

function readText(file: string): string | undefined {
  const bytes = readIfExists(file);
  return bytes === undefined ? undefined : decodeUtf8(bytes, file);
}

const HookFile1x = z.object({ hooks: z.array(z.object({ action: z.object({ command: z.string() }) })) });
const HookFile0x = z.object({
  enabled: z.boolean().optional(),
  // biome-ignore lint/suspicious/noThenProperty: Kiro's format calls it so, and nothing awaits a schema.
  then: z.object({ command: z.string() }),
});
