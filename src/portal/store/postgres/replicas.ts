import { randomUUID } from 'node:crypto';
import pg from 'pg';
import * as z from 'zod';
import { describe } from '../../../core/failure.ts';
import type { Log } from '../../../core/log.ts';
import { type Job, type Replicas, type Signal, signalSchema } from '../replicas.ts';
import { type ConnectionOptions, patientConfig } from './connection.ts';
import { LOCKS } from './migrate.ts';

const CHANNEL = 'capsule_portal';
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** A NOTIFY carries less than 8,000 bytes. */
const MOST_BYTES = 7_000;
/** A server that went away without a word is noticed by this. */
const BEAT_MS = 15_000;
const BEAT_ANSWER_MS = 10_000;
/** Whose beat the database has not heard for so long has no jobs any more, be its machine gone or its process stuck. */
const SILENCE_MS = 60_000;
/** PostgreSQL knows of it from version 14 on; an older one notices by its own settings of TCP. */
const LIMIT_SILENCE = `SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'`;

const heardSchema = z.object({ from: z.string(), signal: signalSchema });

/**
 * One connection beside the pool, over which this replica hears the others (LISTEN) and which holds the locks of the jobs it does.
 * When it is lost the jobs are anybody's, it connects again, and listeners are told that they may have missed something.
 */
export function connectReplicas(
  options: ConnectionOptions & { log: Log; silenceMs?: number | undefined },
): Replicas & { close(): Promise<void> } {
  const own = randomUUID();
  const listeners: ((signal: Signal | 'missed') => void)[] = [];
  const held = new Set<Job>();
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const all = (signal: Signal | 'missed') => {
    for (const listener of listeners) listener(signal);
  };
  const hear = (payload: string | undefined) => {
    const heard = heardSchema.safeParse(jsonOf(payload ?? ''));
    if (heard.success && heard.data.from !== own) all(heard.data.signal);
  };
  const connect = async (waitMs: number, again: boolean): Promise<void> => {
    const fresh = new pg.Client({ ...patientConfig(options), query_timeout: BEAT_ANSWER_MS });
    const lose = (error: unknown) => {
      if (client === fresh) client = undefined;
      fresh.removeAllListeners('end');
      void fresh.end().catch(() => {});
      held.clear();
      if (closed) return;
      options.log.warn('the portal hears no other replica at the moment', { reason: describe(error) });
      clearTimeout(retry);
      retry = setTimeout(() => void connect(Math.min(waitMs * 2, LONGEST_WAIT_MS), true), waitMs).unref();
    };
    fresh.on('error', () => {});
    fresh.on('end', () => lose('the connection ended'));
    fresh.on('notification', ({ payload }) => hear(payload));
    try {
      await fresh.connect();
      await fresh.query(LIMIT_SILENCE, [String(options.silenceMs ?? SILENCE_MS)]);
      await fresh.query(`LISTEN ${CHANNEL}`);
      if (closed) return void (await fresh.end());
      client = fresh;
      if (again) all('missed');
    } catch (error) {
      lose(error);
    }
  };
  const first = connect(FIRST_WAIT_MS, false);
  const beat = setInterval(() => {
    const beating = client;
    // An answer that does not come in time is how a connection without an end shows.
    beating?.query('SELECT 1').catch(() => beating.emit('end'));
  }, BEAT_MS).unref();
  return {
    async mine(job) {
      await first;
      if (held.has(job) || client === undefined) return held.has(job);
      const asked = client;
      const { rows } = await asked.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', [
        ...[LOCKS.class, LOCKS[job]],
      ]);
      if (rows[0]?.got === true && client === asked) held.add(job);
      return held.has(job);
    },
    tell(signal) {
      client
        ?.query('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify({ from: own, signal: shortened(signal) })])
        .catch((error: unknown) => options.log.warn('other replicas were not told', { reason: describe(error) }));
    },
    hear: (listener) => void listeners.push(listener),
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(beat);
      await first;
      client?.removeAllListeners('end');
      await client?.end().catch(() => {});
    },
  };
}

/** Without the names that make it too long: whoever hears it asks for what there is. */
function shortened(signal: Signal): Signal {
  if (signal.what !== 'stored' || JSON.stringify(signal).length < MOST_BYTES) return signal;
  return { ...signal, message: { ...signal.message, sessions: [], agents: [] } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody else's use of the channel.
    return undefined;
  }
}
