import { createHash } from 'node:crypto';

/** What is kept of the id of an event that retention removed: eight bytes of its SHA-256, as whole ids would outgrow the rest. */
export const removedName = (id: string): Uint8Array => createHash('sha256').update(id).digest().subarray(0, 8);

/** The same in hex. */
export const removedHex = (id: string): string => Buffer.from(removedName(id)).toString('hex');
