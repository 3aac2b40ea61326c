import { createHash } from 'node:crypto';
import type { Truncation } from '../core/event.ts';

/** What is left of a text that does not leave the machine: its length in UTF-8 bytes and its SHA-256. */
export function truncationOf(field: string, text: string): Truncation {
  return { field, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** One step of a JSON Pointer (RFC 6901). */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
