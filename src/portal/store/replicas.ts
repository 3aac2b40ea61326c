import * as z from 'zod';
import { streamMessageSchema } from '../answers.ts';

/** What one replica of a portal tells the others. Hints only: what is so stands in the database. */
export const signalSchema = z.discriminatedUnion('what', [
  /** Something new was stored, for open pages. */
  z.object({ what: z.literal('stored'), org: z.string(), message: streamMessageSchema }),
  /** A look back over stored events waits. */
  z.object({ what: z.literal('run') }),
  z.object({ what: z.literal('run-cancelled'), org: z.string(), id: z.string() }),
]);
export type Signal = z.infer<typeof signalSchema>;

/** What only one replica at a time does. */
export type Job = 'retention' | 'runs' | 'streams';

/** Replicas of one portal, which share its database and nothing else. */
export interface Replicas {
  /** Whether this one does the job now. It stays so until it stops or its database cannot be reached. */
  mine(job: Job): Promise<boolean>;
  /** Tells the others, and not itself. What cannot be told is lost. */
  tell(signal: Signal): void;
  /** `missed`: for a while others could not be heard. */
  hear(listener: (signal: Signal | 'missed') => void): void;
}

/** Wrong guesses of secrets, counted for all replicas together. Times are ISO 8601. */
export interface SharedGuesses {
  /** When each of these was wrong since then, in order. */
  since(keys: readonly string[], from: string): Promise<{ key: string; at: string }[]>;
  /** Adds one for each, and forgets what is older than `from`. */
  add(keys: readonly string[], at: string, from: string): Promise<void>;
  forget(keys: readonly string[]): Promise<void>;
}
