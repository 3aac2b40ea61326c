import type { Bodies, CapsuleEvent, EventKind, EventOf } from '../../src/core/event.ts';

/** A well-formed event; `n` makes its id, time and place in the session. */
export function anEvent<K extends EventKind = 'agent.responded'>(
  n: number,
  given: Partial<EventOf<K>> & { kind?: K; body?: Bodies[K] } = {},
): CapsuleEvent {
  return {
    schemaVersion: 1,
    id: n.toString(16).padStart(32, '0'),
    kind: 'agent.responded',
    time: new Date(Date.UTC(2026, 8, 3, 12, 0, 0, n)).toISOString(),
    session: { id: 'sess_1', generation: 'ide-1.x', title: 'A session', mode: 'vibe', model: 'auto' },
    turn: { id: 'turn-1', index: 1 },
    workspace: { id: '0123456789abcdef', path: '/home/dev/demo', name: 'demo' },
    agent: { name: 'kiro', version: '1.0.411' },
    device: { id: 'device-1', os: 'linux', user: 'dev' },
    source: { store: 'ide-1.x', record: `record-${n}`, ordinal: n, content: 'redacted', inferred: [] },
    redactions: [],
    body: { text: `answer ${n}` },
    ...given,
  } as CapsuleEvent;
}
