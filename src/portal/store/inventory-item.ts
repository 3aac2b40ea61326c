import type { Inventory, InventoryPart } from '../../core/event.ts';

/** One thing of an inventory: what it is called, and what tells two of that name apart. */
export interface Item {
  part: InventoryPart;
  name: string;
  scope: string;
  /** A hash of its content where there is one. */
  variant: string;
  detail: object;
}

/** Everything of an inventory, one after the other. */
export function itemsOf(inventory: Inventory): Item[] {
  const named =
    (part: InventoryPart) =>
    (detail: { name: string; scope?: string; sha256: string }): Item => ({
      part,
      name: detail.name,
      scope: detail.scope ?? 'user',
      variant: detail.sha256,
      detail,
    });
  return [
    ...inventory.mcpServers.map((detail) => ({
      ...{ part: 'mcpServer' as const, name: detail.name, scope: detail.scope, detail },
      variant: detail.commandSha256 ?? detail.origin ?? '',
    })),
    ...inventory.skills.map(named('skill')),
    ...inventory.steering.map(named('steering')),
    ...inventory.powers.map(named('power')),
    ...inventory.hooks.map(named('hook')),
    ...inventory.customAgents.map(named('customAgent')),
    ...inventory.trust.map((detail) => ({
      ...{ part: 'trust' as const, name: detail.pattern, scope: detail.scope, detail },
      variant: `${detail.source} ${detail.effect} ${detail.kind}`,
    })),
  ];
}
