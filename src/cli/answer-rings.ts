import { workspaceRef } from '../capture/build-event.ts';
import type { CaptureContext } from '../capture/capture-context.ts';
import { shortHash } from '../capture/event-id.ts';
import type { ContentLevel, EventOf } from '../core/event.ts';
import { generationOf } from '../relay/probe.ts';
import type { Ring } from '../relay/ring.ts';

/** How long Kiro's own record of a turn is looked for before the ring itself has to stand for it. */
export const RECORD_LIMIT_MS = 120_000;

export interface RingSurroundings {
  now: Date;
  /** Whether anything of this session was ever read. */
  sessionKnown: boolean;
  /** When something was last captured in its session or its folder (anywhere, when it names neither), ISO 8601. */
  lastActivity: string | null;
}

/**
 * Whether a ring has found its turn. A session that was read once is readable, and its record is what counts. A ring that
 * names no session (Kiro 0.x) is answered by anything captured in its folder around that time. Pure.
 */
export function ringVerdict(
  ring: Ring,
  { now, sessionKnown, lastActivity }: RingSurroundings,
): 'answered' | 'wait' | 'unanswered' {
  if (ring.sessionId !== null && sessionKnown) return 'answered';
  const rang = Date.parse(ring.time);
  if (lastActivity !== null && Date.parse(lastActivity) >= rang - RECORD_LIMIT_MS) return 'answered';
  return now.getTime() - rang < RECORD_LIMIT_MS ? 'wait' : 'unanswered';
}

/** What can be said of a turn of which there is only the ring: that it ended, where, and when. Pure. */
export function turnFromRing(
  ring: Ring,
  { device, kiroVersion, level }: Pick<CaptureContext, 'device' | 'kiroVersion'> & { level: ContentLevel },
): EventOf<'turn.ended'> {
  const generation = generationOf(ring);
  const place = ring.cwd ?? 'unknown';
  const id = shortHash(JSON.stringify(['hook', generation, ring.sessionId, ring.name, ring.time]), 32);
  return {
    schemaVersion: 1,
    id,
    kind: 'turn.ended',
    time: ring.time,
    session: { id: ring.sessionId ?? `hook-${shortHash(place, 16)}`, generation, title: null, mode: null, model: null },
    turn: null,
    workspace: ring.cwd === null ? null : workspaceRef(ring.cwd),
    agent: { name: 'kiro', version: kiroVersion(generation) },
    device,
    source: { store: 'hook', record: null, ordinal: Date.parse(ring.time), content: level, inferred: [] },
    redactions: [],
    body: {
      reason: 'unknown',
      durationMs: null,
      credits: null,
      contextUsage: null,
      counts: { prompts: 0, responses: 0, reasonings: 0, tools: 0, toolFailures: 0 },
    },
  };
}
