import * as z from 'zod';
import { GENERATIONS } from '../core/event.ts';
import { idSchema, timeSchema } from './event-schema.ts';

const name = z.string().max(1_000);
const count = z.int().nonnegative();
const kiro = z.array(z.object({ generation: z.enum(GENERATIONS), version: name.nullable() })).max(100);

/** What a device says of itself when it enrols (`POST /v1/enroll`). */
export const enrolmentSchema = z.object({
  deviceId: idSchema,
  name,
  os: z.enum(['darwin', 'linux', 'win32']),
  user: name,
  agentVersion: name,
  kiro,
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

/** What a device says of itself every 15 minutes and on change (`POST /v1/heartbeat`). */
export const heartbeatSchema = z.object({
  agentVersion: name,
  kiro,
  /** Workspaces by what became of them; `known` counts all. */
  attachments: z.object({ attached: count, known: count, remote: count, missing: count, excluded: count }),
  /**
   * Workspaces without our hook, and why: up to 200 of them. What a developer excluded is counted above and not named. Agents
   * of older versions name none.
   */
  workspaces: z
    .array(
      z.object({
        path: z.string().max(8_192),
        state: z.enum(['not-attached', 'remote', 'missing', 'skipped']),
        reason: z.string().max(2_000),
      }),
    )
    .max(200)
    .exactOptional(),
  /** What waits on the device; `oldest` is the time of the event that waits longest. */
  outbox: z.object({ events: count, bytes: count, oldest: timeSchema.nullable() }),
  /** By day (UTC) and folder, of the last week: turns Kiro recorded, rings of the hook, turns this portal acknowledged. */
  coverage: z
    .array(
      z.object({
        day: z.iso.date(),
        workspace: z.string().max(8_192).nullable(),
        seen: count,
        rings: count,
        delivered: count,
      }),
    )
    .max(200)
    .exactOptional(),
  /** What Kiro recorded and the agent does not know, by name. */
  unknown: z.record(name, count).exactOptional(),
  /** How many of Kiro's records it could not read: malformed, or too long. */
  skipped: count.exactOptional(),
  /** The newer version that was tried here and does not work here; none since the agent runs that one or a later one. */
  failedUpgrade: z.object({ version: name, why: z.string().max(2_000) }).exactOptional(),
  /** What `status` would warn about; empty when nothing needs a person. */
  health: z.array(z.object({ code: name, message: z.string().max(2_000) })).max(100),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
