import type { IncomingMessage } from 'node:http';
import { Refusal } from './answer.ts';

/** The version that a change is meant for, from `If-Match: "3"`. Refuses (428) without one, so that nobody overwrites unseen. */
export function readVersion(incoming: IncomingMessage): number {
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(incoming.headers['if-match'] ?? '') ?? [];
  if (digits === undefined) {
    throw new Refusal(428, 'version-needed', 'Say which version you saw: If-Match: "<version>"');
  }
  return Number(digits);
}

/** 409: somebody else was faster. */
export const versionConflict = (what: string): Refusal =>
  new Refusal(409, 'version-conflict', `The ${what} has been changed meanwhile; look at it again`);
