import * as z from 'zod';
import type { OwnPaths } from '../core/host.ts';
import { DESTINATIONS } from '../relay/destinations.ts';
import { askDaemon } from '../relay/local-client.ts';
import { Removed } from '../relay/losses.ts';

const Delivery = z.object({
  state: z.enum(['idle', 'sending', 'waiting', 'held', 'unset']),
  why: z.string().nullable(),
  nextTry: z.string().nullable(),
  attempts: z.number(),
  delivered: z.number(),
  lastDelivery: z.string().nullable(),
});
const Depth = z.object({
  events: z.number(),
  bytes: z.number(),
  oldest: z.string().nullable(),
  rejected: z.number(),
});

/** What `GET /v1/status` answers, and so what `status` and `diagnose` can say while a daemon runs. */
export const DaemonState = z.object({
  version: z.string(),
  pid: z.number().int(),
  startedAt: z.string(),
  supervised: z.boolean(),
  memoryBytes: z.number(),
  outbox: z.object({
    events: z.number(),
    bytes: z.number(),
    oldest: z.string().nullable(),
    rejected: z.number(),
    /** A damaged one was replaced when this daemon started. */
    damage: z.object({ movedTo: z.string(), saved: z.number() }).nullable().default(null),
    /** What its bounds have taken so far; a daemon of an older version says nothing of it. */
    removed: Removed.nullable().default(null),
  }),
  /** To the portal. */
  delivery: Delivery,
  /** Who gets what is captured now; a daemon of an older version knows the portal alone. */
  destinations: z.array(z.enum(DESTINATIONS)).default(['portal']),
  /** What waits for each, and what it has refused; null from a daemon of an older version. */
  depths: z.object({ portal: Depth, otlp: Depth }).nullable().default(null),
  /** To OpenTelemetry, where it is set up; `partlyRejected`: of requests that were taken, since the daemon's start. */
  otlp: Delivery.extend({ endpoint: z.string(), partlyRejected: z.number() }).nullable().default(null),
  enrolment: z.object({ state: z.enum(['enrolled', 'pending', 'none']), why: z.string().nullable() }),
  capture: z.object({
    lastSweep: z.string().nullable(),
    lastRing: z.string().nullable(),
    lastEvent: z.string().nullable(),
    openTurns: z.number(),
    skippedLines: z.number(),
    unknown: z.record(z.string(), z.number()),
    problems: z.array(z.string()),
    /** Turns by day and folder, of the last week. */
    coverage: z.array(
      z.object({
        day: z.string(),
        workspace: z.string().nullable(),
        seen: z.number(),
        rings: z.number(),
        delivered: z.number(),
      }),
    ),
    /** How far older sessions have been taken in; null when that is not wanted. */
    backfill: z.object({ days: z.number(), since: z.string(), sessions: z.number(), filled: z.number() }).nullable(),
  }),
  /** The portal's clock minus this machine's, in ms; null as long as none was heard. */
  clockOffsetMs: z.number().nullable().default(null),
  workspaces: z.object({
    known: z.number(),
    attached: z.number(),
    remote: z.number(),
    missing: z.number(),
    excluded: z.number(),
    notAttached: z.array(z.object({ path: z.string(), reason: z.string() })),
    /** A daemon of an older version names none. */
    elsewhere: z
      .array(z.object({ path: z.string(), state: z.enum(['remote', 'missing', 'skipped']), reason: z.string() }))
      .default([]),
  }),
  /** What of ours is not as we made it; a daemon of an older version says nothing of it. */
  drift: z
    .object({
      leftAlone: z.array(z.object({ file: z.string(), reason: z.string() })),
      warnings: z.array(z.object({ code: z.string(), file: z.string(), message: z.string(), fix: z.string() })),
    })
    .default({ leftAlone: [], warnings: [] }),
  /** Folders that the system gives no watch for: what comes there is found by looking now and then. */
  unwatched: z.array(z.string()).default([]),
  /** What the system has run out of, so that a step failed. */
  lacks: z.enum(['disk', 'files']).nullable().default(null),
});
export type DaemonState = z.infer<typeof DaemonState>;

/** What a daemon answers that does not work at present, and why. */
export const StandBy = z.object({
  version: z.string(),
  pid: z.number().int(),
  startedAt: z.string(),
  supervised: z.boolean(),
  standBy: z.object({ why: z.string(), fix: z.string().nullable(), nextTry: z.string() }),
});
export type StandBy = z.infer<typeof StandBy>;

/** The account of a daemon that stands by; undefined when none does. */
export async function standByState(own: OwnPaths): Promise<StandBy | undefined> {
  const state = StandBy.safeParse(await askDaemon(own, 'GET', '/v1/status'));
  return state.success ? state.data : undefined;
}

/** The running daemon's own account; undefined when none runs (or one that stands by), `hung` when it does not answer. */
export async function daemonState(own: OwnPaths): Promise<DaemonState | 'hung' | undefined> {
  const answer = await askDaemon(own, 'GET', '/v1/status');
  if (answer === 'hung') return 'hung';
  const state = DaemonState.safeParse(answer);
  return state.success ? state.data : undefined;
}
