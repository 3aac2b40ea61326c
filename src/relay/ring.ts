import { z } from 'zod';

/** "A turn ended here." Only a hint: nothing in it becomes an event while Kiro's own record of the turn can be read. */
export interface Ring {
  /** The same name is the same ring, through whichever door it comes. */
  name: string;
  /** When the daemon first saw it, ISO 8601. */
  time: string;
  from: 'env' | 'stdin' | 'unknown';
  sessionId: string | null;
  /** The folder Kiro ran the hook in: a workspace root. */
  cwd: string | null;
}

const RingText = z.object({
  from: z.enum(['env', 'stdin']).catch('env'),
  cwd: z.string().nullish().catch(null),
  payload: z
    .object({ session_id: z.string().min(1).max(200).nullish().catch(null), cwd: z.string().nullish().catch(null) })
    .catch({}),
});

/**
 * Reads what the dispatcher wrote. A text that does not parse is undefined: it may still be being written.
 * The payload's own fields are Kiro's (`kiro/README` on hook input): `session_id` and `cwd` from 1.x, nothing from 0.x.
 */
export function parseRing(name: string, text: string, time: string): Ring | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const ring = RingText.safeParse(parsed);
  if (!ring.success) return undefined;
  const { from, cwd, payload } = ring.data;
  return { name, time, from, sessionId: payload.session_id ?? null, cwd: payload.cwd ?? cwd ?? null };
}

/** What is left when a ring's text can never be read: a turn ended, somewhere. */
export function unreadableRing(name: string, time: string): Ring {
  return { name, time, from: 'unknown', sessionId: null, cwd: null };
}
