import { shortHash } from '../capture/event-id.ts';
import type { ContentLevel, DeviceRef, EventOf } from '../core/event.ts';
import type { Loss } from '../relay/losses.ts';

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

/** The event that says that a damaged outbox was replaced. How many events it had taken along, nobody can say: null. Pure. */
export function damageGap(
  now: Date,
  { device, level }: { device: DeviceRef; level: ContentLevel },
): EventOf<'capture.gap'> {
  const time = now.toISOString();
  return {
    schemaVersion: 1,
    id: shortHash(JSON.stringify(['damage', device.id, time]), 32),
    kind: 'capture.gap',
    time,
    session: { id: `agent-${shortHash(device.id, 16)}`, generation: 'unknown', title: null, mode: null, model: null },
    turn: null,
    workspace: null,
    agent: { name: 'kiro', version: null },
    device,
    source: { store: 'agent', record: null, ordinal: now.getTime(), content: level, inferred: [] },
    redactions: [],
    body: { count: null, firstTime: time, lastTime: time, reason: 'outbox damaged' },
  };
}
