import { createHash } from 'node:crypto';
import type { Truncation } from '../core/event.ts';

/** What is left of a text that does not leave the machine: its length in UTF-8 bytes and its SHA-256. */
export function truncationOf(field: string, text: string): Truncation {
  return { field, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** A key of a tool's arguments can be a text of any length; a pointer has to stay one. */
const MAX_STEP = 100;

/** One step of a JSON Pointer (RFC 6901). A very long name is cut, so that step no longer leads anywhere. */
export function pointerStep(key: string | number): string {
  const name = String(key);
  const step = name.length <= MAX_STEP ? name : `${name.slice(0, MAX_STEP)}…`;
  return `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
