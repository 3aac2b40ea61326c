import { type DeviceRef, type Generation, type Probe, SCHEMA_VERSION } from '../core/event.ts';
import type { Ring } from './ring.ts';

/** How a probe's ring is told from others: no Kiro names a session so. */
const PROBE_SESSION = /^capsule-probe-([0-9a-f]{32})$/;

/** The session id that the ring of this probe carries. `id`: 32 hex digits. */
export function probeSession(id: string): string {
  return `capsule-probe-${id}`;
}

/** The probe that a ring belongs to; null for every other ring. Pure. */
export function probeIdOf(sessionId: string | null): string | null {
  return PROBE_SESSION.exec(sessionId ?? '')?.[1] ?? null;
}

/** By the door that a hook uses, which Kiro it belongs to. Pure. */
export function generationOf({ from }: Pick<Ring, 'from'>): Generation {
  return from === 'stdin' ? 'ide-1.x' : from === 'env' ? 'ide-0.x' : 'unknown';
}

/** What goes to the portal for a probe's ring. It names nothing but this device and which hook rang. Pure. */
export function makeProbe(id: string, ring: Ring, device: DeviceRef): Probe {
  return {
    schemaVersion: SCHEMA_VERSION,
    id,
    kind: 'probe',
    time: ring.time,
    session: { id: probeSession(id), generation: generationOf(ring), title: null, mode: null, model: null },
    turn: null,
    workspace: null,
    agent: { name: 'kiro', version: null },
    device,
    source: { store: 'agent', record: null, ordinal: 0, content: 'metadata', inferred: [] },
    redactions: [],
    body: {},
  };
}
