import { shortHash } from '../capture/event-id.ts';
import type { ContentLevel, DeviceRef, EventOf } from '../core/event.ts';
import type { Loss } from '../relay/outbox.ts';

/** The event that stands for events the outbox had to remove: how many, from when to when, of which session, and why. Pure. */
export function captureGap(
  { session, workspace, ids, ordinal, firstTime, lastTime, reason }: Loss,
  { device, level }: { device: DeviceRef; level: ContentLevel },
): EventOf<'capture.gap'> {
  return {
    schemaVersion: 1,
    id: shortHash(JSON.stringify(['gap', session.id, ...ids]), 32),
    kind: 'capture.gap',
    time: lastTime,
    session,
    turn: null,
    workspace,
    agent: { name: 'kiro', version: null },
    device,
    source: { store: 'agent', record: null, ordinal, content: level, inferred: [] },
    redactions: [],
    body: { count: ids.length, firstTime, lastTime, reason },
  };
}
