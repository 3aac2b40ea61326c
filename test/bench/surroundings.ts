import type { CaptureContext } from '../../src/capture/capture-context.ts';
import { createRedactor } from '../../src/capture/redact.ts';
import type { ContentLevel } from '../../src/core/event.ts';
import { realHost } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';

export const benchHost = realHost(silentLog);

/** What the daemon gives capture, with nothing configured around the session. */
export function benchContext(level: ContentLevel = 'redacted'): CaptureContext {
  const nothing = { mcpServers: [], skills: [], steering: [], powers: [], hooks: [], customAgents: [], trust: [] };
  return {
    device: { id: 'device-1', os: 'linux', user: 'dev' },
    kiroVersion: () => null,
    levelFor: () => level,
    redact: createRedactor({ key: Buffer.alloc(32, 1) }),
    inventory: async () => nothing,
    inventories: { last: () => null, note: () => {} },
  };
}
