import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { OnRefused } from '../kiro/refused.ts';

/** Logs that a folder of Kiro's may not be looked into, where going on without it is all there is to do. */
export function logRefused({ log }: Pick<Host, 'log'>): OnRefused {
  return (error) => log.warn('a folder of Kiro cannot be looked into', { code: systemCode(error) ?? null });
}
