import path from 'node:path';
import * as z from 'zod';

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

/** What anybody wrote into the folder: kept only where it can be an id or a folder, so that an event can be made of it. */
const sessionId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .nullish()
  .catch(null);
const folder = z
  .string()
  .max(4_096)
  .refine((text) => path.isAbsolute(text))
  .nullish()
  .catch(null);

const RingText = z.object({
  // Given before it is caught: what is missing is no error, which costs more than all the rest.
  from: z.enum(['env', 'stdin']).default('stdin').catch('stdin'),
  session_id: sessionId,
  cwd: folder,
  payload: z.object({ session_id: sessionId, cwd: folder }).default({}).catch({}),
});

/**
 * Reads what the dispatcher wrote. A text that does not parse is undefined: it may still be being written.
 * What Kiro 1.x writes to the hook's stdin (`session_id`, `cwd`; kiro/README K11) is a ring as it stands. For 0.x, which
 * writes nothing, the dispatcher makes one: where it is `from`, the folder it ran in, and a `payload` if there is any.
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
  const { from, session_id, cwd, payload } = ring.data;
  return { name, time, from, sessionId: payload.session_id ?? session_id ?? null, cwd: payload.cwd ?? cwd ?? null };
}

/** What is left when a ring's text can never be read: a turn ended, somewhere. */
export function unreadableRing(name: string, time: string): Ring {
  return { name, time, from: 'unknown', sessionId: null, cwd: null };
}
