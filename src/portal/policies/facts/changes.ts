import type { CapsuleEvent, InventoryPart } from '../../../core/event.ts';

/** What differs from the last session of the same workspace and device: names. */
export interface Changes {
  mcpAdded: string[];
  mcpChanged: string[];
  /** Steering files, skills, powers and custom agents: everything that tells the agent what to do. */
  steeringAdded: string[];
  steeringChanged: string[];
  hooksAdded: string[];
  hooksChanged: string[];
  trustAdded: string[];
  /** Less text is captured than in the event before. */
  contentLowered: boolean;
}

const NAMES: Partial<Record<InventoryPart, 'mcp' | 'steering' | 'hooks'>> = {
  mcpServer: 'mcp',
  steering: 'steering',
  skill: 'steering',
  power: 'steering',
  customAgent: 'steering',
  hook: 'hooks',
};

/** The changes that a session's start tells. The agent has compared: it alone knows the inventory as it was. Pure. */
export function changesOf(event: CapsuleEvent): Changes {
  const changes: Changes = {
    mcpAdded: [],
    mcpChanged: [],
    steeringAdded: [],
    steeringChanged: [],
    hooksAdded: [],
    hooksChanged: [],
    trustAdded: [],
    contentLowered: false,
  };
  for (const { what, name, change } of event.kind === 'session.started' ? (event.body.changed ?? []) : []) {
    const group = NAMES[what];
    if (what === 'trust' && change === 'added') changes.trustAdded.push(name);
    else if (group !== undefined && change === 'added') changes[`${group}Added`].push(name);
    else if (group !== undefined && change === 'changed') changes[`${group}Changed`].push(name);
  }
  return changes;
}
