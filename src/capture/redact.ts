import type { CapsuleEvent } from '../core/event.ts';

export interface Redactor {
  /** The event with every secret that was found replaced, and a receipt for each in `redactions`. */
  redactEvent(event: CapsuleEvent): Promise<CapsuleEvent>;
}
