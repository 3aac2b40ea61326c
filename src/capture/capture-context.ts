import type { ContentLevel, DeviceRef, Inventory } from '../core/event.ts';
import type { Redactor } from './redact.ts';

/** What capture needs to know that Kiro's session does not say. */
export interface CaptureContext {
  device: DeviceRef;
  kiroVersion: string | null;
  /** null: a window without a folder, or a workspace that is not known. */
  levelFor(workspacePath: string | null): ContentLevel;
  redact: Redactor;
  /** What is configured now for a session in these folders. */
  inventory(roots: string[]): Promise<Inventory>;
}
