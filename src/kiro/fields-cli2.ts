/** Fields of Kiro CLI's JSON, read tolerantly: one odd field must not cost the record it stands in. */
import { z } from 'zod';
import { isoTime } from './iso-time.ts';

/** A field that is absent, or not of the shape we know, reads as undefined. */
export function field<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** Kiro's ids, which become keys and parts of addresses: short and printable, or they are none. */
export const kiroId = z.string().regex(/^[\x21-\x7e]{1,200}$/);

const MAX_NAME = 200;

/** A name of a tool, a kind, a reason: cut rather than refused when it is longer than any real one. */
export const shortName = z
  .string()
  .min(1)
  .transform((value) => value.slice(0, MAX_NAME));

/** The value of a JSON text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** From here on a number of seconds would be in the year 5138, so it counts milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000;

/** A moment as Kiro CLI writes it, in ISO 8601 UTC: a text, seconds, or milliseconds (kiro/README C4); null when it is none. */
export function moment(stamp: unknown): string | null {
  if (typeof stamp === 'string') return isoTime(stamp);
  if (typeof stamp !== 'number') return null;
  return isoTime(stamp < MILLISECONDS_FROM ? stamp * 1000 : stamp);
}
