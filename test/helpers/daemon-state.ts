import { DaemonState } from '../../src/cli/daemon-state.ts';

/** What a healthy daemon says of itself, but for what is given. */
export function aState(given: Partial<DaemonState> = {}): DaemonState {
  return DaemonState.parse({
    version: '0.1.0',
    pid: 7,
    startedAt: '2026-09-03T12:00:00.000Z',
    supervised: true,
    memoryBytes: 60_000_000,
    outbox: { events: 0, bytes: 0, oldest: null, rejected: 0 },
    delivery: { state: 'idle', why: null, nextTry: null, attempts: 0, delivered: 12, lastDelivery: null },
    enrolment: { state: 'enrolled', why: null },
    capture: {
      lastSweep: null,
      lastRing: null,
      lastEvent: null,
      openTurns: 0,
      skippedLines: 0,
      unknown: {},
      problems: [],
      coverage: [],
      backfill: null,
    },
    workspaces: { known: 3, attached: 2, remote: 1, missing: 0, excluded: 0, notAttached: [], elsewhere: [] },
    ...given,
  });
}
