import type { ContentLevel, DeviceRef, Generation, Inventory } from '../core/event.ts';
import type { InventoryMemory } from './inventory-changes.ts';
import type { Redactor } from './redact.ts';

/** What capture needs to know that Kiro's session does not say. */
export interface CaptureContext {
  device: DeviceRef;
  /** Of the Kiro on this machine; null when only its traces are found. */
  kiroVersion(generation: Generation): string | null;
  /** null: a window without a folder, or a workspace that is not known. `generation`: of the Kiro that wrote it down, if known. */
  levelFor(workspacePath: string | null, generation?: Generation): ContentLevel;
  redact: Redactor;
  /** What is configured now for a session in these folders. */
  inventory(roots: string[]): Promise<Inventory>;
  inventories: InventoryMemory;
}
