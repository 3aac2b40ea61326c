import { createHash } from 'node:crypto';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import type { Scope, TrustEntry } from '../core/event.ts';
import type { Platform } from '../core/host.ts';
import { type FoundFile, MAX_ENTRIES, parseJson, readFileIn, record, shortText, texts } from './inventory-files.ts';

export interface TrustPlaces {
  dotKiro: string;
  roots: readonly string[];
  /** Absolute paths of Kiro's user `settings.json` files. */
  userSettingsFiles: readonly string[];
  platform: Platform;
  isOurs(command: string): boolean;
}

/** What Kiro may do without asking, or must not do at all: 0.x lists in settings, 1.x rules (kiro/README I9, I10). */
export async function readTrust({
  dotKiro,
  roots,
  userSettingsFiles,
  platform,
  isOurs,
}: TrustPlaces): Promise<TrustEntry[]> {
  const entries: TrustEntry[] = [];
  for (const file of userSettingsFiles) {
    entries.push(...settingsTrust(await readFileIn(path.dirname(file), path.basename(file)), 'user', isOurs));
  }
  entries.push(...(await permissionTrust(dotKiro, ['settings'], 'user', isOurs)));
  for (const root of roots) {
    entries.push(...settingsTrust(await readFileIn(root, '.vscode', 'settings.json'), 'workspace', isOurs));
    const folder = ['workspace-roots', workspaceHash(root, platform)];
    entries.push(...(await permissionTrust(dotKiro, folder, 'workspace', isOurs)));
  }
  return entries.slice(0, MAX_ENTRIES);
}

/** Kiro 1.x's name of a workspace root's own folder (kiro/README I10). */
export function workspaceHash(root: string, platform: Platform): string {
  const slashed = path.posix.normalize(root.replaceAll('\\', '/'));
  const trimmed = slashed.length > 1 ? slashed.replace(/\/+$/, '') : slashed;
  const name = platform === 'win32' ? trimmed.toLowerCase() : trimmed;
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

function settingsTrust(file: FoundFile | null, scope: Scope, isOurs: (command: string) => boolean): TrustEntry[] {
  const settings = file === null ? null : parseJson(file.text, record);
  if (settings === null) return [];
  const list = (key: string, kind: TrustEntry['kind'], effect: TrustEntry['effect']): TrustEntry[] =>
    texts.parse(settings[key]).map((pattern) => ({
      source: key,
      scope,
      kind,
      effect,
      pattern: shortText(pattern),
      ours: effect === 'allow' && isOurs(pattern),
    }));
  return [
    ...list('kiroAgent.trustedCommands', 'command', 'allow'),
    ...list('kiroAgent.commandDenylist', 'command', 'deny'),
    ...list('kiroAgent.trustedTools', 'tool', 'allow'),
  ];
}

const rule = z.object({
  capability: z.string(),
  effect: z.enum(['allow', 'ask', 'deny']),
  match: z.array(z.string()).optional(),
});
const rules = z.object({ rules: z.array(rule) });

async function permissionTrust(
  dotKiro: string,
  folder: string[],
  scope: Scope,
  isOurs: (command: string) => boolean,
): Promise<TrustEntry[]> {
  const file =
    (await readFileIn(dotKiro, ...folder, 'permissions.yaml')) ??
    (await readFileIn(dotKiro, ...folder, 'permissions.json'));
  if (file === null) return [];
  return rulesIn(file).flatMap(({ capability, effect, match = ['*'] }) =>
    match.map((pattern) => ({
      source: file.name,
      scope,
      kind: 'capability' as const,
      effect,
      pattern: shortText(`${capability}: ${pattern}`),
      ours: effect === 'allow' && isOurs(pattern),
    })),
  );
}

/** Kiro drops a whole file for one bad rule, and so do we: what it ignores is no trust. JSON is YAML too. */
function rulesIn(file: FoundFile): z.output<typeof rule>[] {
  try {
    return rules.safeParse(parseYaml(file.text, { maxAliasCount: 0, logLevel: 'silent' })).data?.rules ?? [];
  } catch {
    // Not YAML at all: no rules for Kiro either.
    return [];
  }
}
