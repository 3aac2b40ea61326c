import path from 'node:path';
import type { CustomAgent, Inventory, Scope } from '../core/event.ts';
import type { Platform } from '../core/host.ts';
import { type FoundFile, MAX_ENTRIES, readFilesIn, shortName } from './inventory-files.ts';
import { readHooks } from './inventory-hooks.ts';
import { readPowers, readSkills, readSteering } from './inventory-markdown.ts';
import { readMcpServers } from './inventory-mcp.ts';
import { readTrust } from './inventory-trust.ts';

export interface InventoryPlaces {
  /** `~/.kiro`. */
  dotKiro: string;
  /** Workspace folders; those that are not absolute paths on this system are passed over. */
  roots: readonly string[];
  /** Absolute paths of Kiro's user `settings.json` files. */
  userSettingsFiles: readonly string[];
  platform: Platform;
  /** Whether a hook's command or a trusted command is the one that we placed. */
  isOurs(command: string): boolean;
}

/**
 * What is configured now around a session in these folders (kiro/README, Inventory). Only names of environment variables
 * and headers, never values. A file that is broken, too large or behind a symbolic link is passed over. Throws nothing.
 */
export async function readInventory(places: InventoryPlaces): Promise<Inventory> {
  const { dotKiro, isOurs } = places;
  // A window on the home folder itself: Kiro, too, takes that folder's files once, as the user's.
  const roots = places.roots.filter((root) => path.join(root, '.kiro') !== dotKiro);
  const agents = await readAgents(dotKiro, roots);
  return {
    mcpServers: (await readMcpServers(dotKiro, roots, agents)).slice(0, MAX_ENTRIES),
    skills: await readSkills(dotKiro, roots),
    steering: await readSteering(dotKiro, roots),
    powers: await readPowers(dotKiro),
    hooks: await readHooks(dotKiro, roots, isOurs),
    customAgents: agents.map(describeAgent),
    trust: await readTrust({ ...places, roots }),
  };
}

interface AgentFile {
  file: FoundFile;
  scope: Scope;
}

/** Agent profiles, also in sub-folders (kiro/README I8). */
async function readAgents(dotKiro: string, roots: readonly string[]): Promise<AgentFile[]> {
  const found: AgentFile[] = [];
  const add = async (base: string, parts: string[], scope: Scope) => {
    for (const file of await readFilesIn(base, parts, /\.(?:json|md)$/, 3)) found.push({ file, scope });
  };
  await add(dotKiro, ['agents'], 'user');
  for (const root of roots) await add(root, ['.kiro', 'agents'], 'workspace');
  return found.slice(0, MAX_ENTRIES);
}

function describeAgent({ file, scope }: AgentFile): CustomAgent {
  return { name: shortName(file.name.replace(/\.(?:json|md)$/, '')), scope, sha256: file.sha256 };
}
