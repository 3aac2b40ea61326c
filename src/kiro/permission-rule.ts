import type { Platform } from '../core/host.ts';
import { dispatcherCommand, isDispatcherCommand } from './dispatcher-command.ts';
import { commandParts } from './permission-match.ts';
import type { PermissionRule } from './permissions.ts';

/**
 * The one rule that lets Kiro 1.x run our hook's command unasked, should it ask. It names each part of the command exactly,
 * without a wildcard, so it allows nothing else.
 */
export function permissionRule(platform: Platform): PermissionRule & { match: string[] } {
  return { capability: 'shell', effect: 'allow', match: commandParts(dispatcherCommand(platform, 'stdin')) };
}

const GUARDS = new Set(['true', 'exit /b 0']);

/** Whether a rule, from this or another version of ours, allows our dispatcher and nothing besides. */
export function isOurRule({ capability, effect, match = [], exclude }: PermissionRule): boolean {
  if (capability !== 'shell' || effect !== 'allow' || exclude !== undefined) return false;
  const ours = match.filter((pattern) => isDispatcherCommand(pattern) && !pattern.includes('*'));
  return ours.length > 0 && match.every((pattern) => ours.includes(pattern) || GUARDS.has(pattern));
}
