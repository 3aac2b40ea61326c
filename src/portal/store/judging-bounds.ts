import { createHash } from 'node:crypto';

/** The id of a detection: the same policy finds the same event once, whatever its version and however often it is judged. */
export const detectionId = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** A policy that was too slow so often is switched off. */
export const STRIKES = 3;
/** A policy that failed on so many events in a row is switched off. */
export const FAILURES_IN_ROW = 100;
/** An event whose judging failed this often is left alone until a person changes something. */
export const MAX_TRIES = 5;
