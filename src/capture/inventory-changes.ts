import type { ContentLevel, Inventory, InventoryChange, InventoryPart, Scope } from '../core/event.ts';
import { shortHash } from './event-id.ts';

/** An inventory as names and hashes: what is kept of it to tell what changed. Plain JSON. */
export type InventoryPrint = PrintedEntry[];
type PrintedEntry = [part: InventoryPart, scope: Scope, name: string, hash: string];

/** Where the last inventory of a workspace is kept. */
export interface InventoryMemory {
  /** null: no session of this workspace was told before. `workspaceId` null: windows without a folder. */
  last(workspaceId: string | null): InventoryPrint | null;
  note(workspaceId: string | null, print: InventoryPrint): void;
}

/**
 * To be made of an inventory after redaction, because names of trust entries are commands; at level `metadata` they are left
 * out. Pure.
 */
export function printInventory(inventory: Inventory, level: ContentLevel): InventoryPrint {
  const { mcpServers, skills, steering, powers, hooks, customAgents, trust } = inventory;
  const print = (part: InventoryPart, scope: Scope, name: string, content: object): PrintedEntry => [
    part,
    scope,
    name,
    shortHash(JSON.stringify(content), 16),
  ];
  return [
    ...mcpServers.map((entry) => print('mcpServer', entry.scope, entry.name, entry)),
    ...skills.map((entry) => print('skill', entry.scope, entry.name, entry)),
    ...steering.map((entry) => print('steering', entry.scope, entry.name, entry)),
    ...powers.map((entry) => print('power', 'user', entry.name, entry)),
    ...hooks.map((entry) => print('hook', entry.scope, entry.name, entry)),
    ...customAgents.map((entry) => print('customAgent', entry.scope, entry.name, entry)),
    ...trust.map((entry) => print('trust', entry.scope, level === 'metadata' ? '' : entry.pattern, entry)),
  ];
}

/** What differs, by part and name. Several entries of one name count as one that changed when any of them did. Pure. */
export function inventoryChanges(before: InventoryPrint, after: InventoryPrint): InventoryChange[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return names.flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    const entry = is ?? was;
    if (entry === undefined || was?.hash === is?.hash) return [];
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return [{ what: entry.what, name: entry.name, scope: entry.scope, change }];
  });
}

function byName(print: InventoryPrint): Map<string, Omit<InventoryChange, 'change'> & { hash: string }> {
  const entries = new Map<string, Omit<InventoryChange, 'change'> & { hash: string }>();
  for (const [what, scope, name, hash] of print.toSorted()) {
    const key = JSON.stringify([what, name, scope]);
    entries.set(key, { what, name, scope, hash: (entries.get(key)?.hash ?? '') + hash });
  }
  return entries;
}
