import type { HookMode } from '../core/settings.ts';
import type { FoundKiro } from './versions.ts';

/** Which hook files are wanted, and whether the 0.x command must be trusted. `reason` is one sentence for a person. */
export interface HooksToPlace {
  user1x: boolean;
  workspace0x: boolean;
  workspace1x: boolean;
  trust: boolean;
  reason: string;
}

/** The first 1.x build that reads `~/.kiro/hooks` (kiro/README K8). */
const USER_HOOKS_SINCE = [1, 0, 182];

/**
 * Decides from the Kiros found and the setting `hooks.mode`. `auto` takes the least that works: for 0.x a file in each
 * workspace and trust, from 1.0.182 on one file for the user, for an older or unknown 1.x both places, and when no Kiro
 * was found everything. Trust is for 0.x alone (K17). Two hooks in place ring twice for a turn, which is harmless; none would miss it.
 */
export function chooseHooks(found: readonly FoundKiro[], mode: HookMode): HooksToPlace {
  const with0x = found.length === 0 || found.some((kiro) => kiro.generation === 'ide-0.x');
  const those1x = found.filter((kiro) => kiro.generation === 'ide-1.x');
  const with1x = found.length === 0 || those1x.length > 0;
  const userIsEnough = those1x.length > 0 && those1x.every((kiro) => readsUserHooks(kiro.version));

  const user = mode === 'auto' ? with1x : mode !== 'workspace';
  const workspaces = mode !== 'user';
  return {
    user1x: user,
    workspace0x: workspaces && with0x,
    workspace1x: workspaces && with1x && !(mode === 'auto' && userIsEnough),
    trust: workspaces && with0x,
    reason: `${describeFound(found)}; hooks.mode is ${mode}`,
  };
}

function readsUserHooks(version: string | null): boolean {
  if (version === null) return false;
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, wanted] of USER_HOOKS_SINCE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function describeFound(found: readonly FoundKiro[]): string {
  if (found.length === 0) return 'no Kiro was found';
  return `found ${found.map((kiro) => `Kiro ${kiro.version ?? kiro.generation.replace('ide-', '')}`).join(' and ')}`;
}
