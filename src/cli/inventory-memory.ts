import type { InventoryMemory, InventoryPrint } from '../capture/inventory-changes.ts';

/** Where facts about all of it are kept: the agent's database. */
export interface FactStore {
  fact(name: string): string | null;
}

/** The last inventories, as of what was told; `take` gives those that are to be made durable with the events that tell them. */
export interface KeptInventories extends InventoryMemory {
  take(): { [name: string]: string };
}

/** The last inventory of each workspace as hashes and names; what is noted counts once its event is durable. */
export function keepInventories(store: FactStore): KeptInventories {
  const noted = new Map<string, string>();
  const nameOf = (workspaceId: string | null) => `inventory ${workspaceId ?? 'without a folder'}`;
  return {
    last(workspaceId) {
      const name = nameOf(workspaceId);
      const json = noted.get(name) ?? store.fact(name);
      // As `note` gave it.
      return json === null ? null : (JSON.parse(json) as InventoryPrint);
    },
    note: (workspaceId, print) => void noted.set(nameOf(workspaceId), JSON.stringify(print)),
    take() {
      const taken = Object.fromEntries(noted);
      noted.clear();
      return taken;
    },
  };
}
