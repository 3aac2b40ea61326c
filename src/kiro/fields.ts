/** What the readers of all of Kiro's stores share: JSON read tolerantly, because one odd field must not cost a whole record. */
import * as z from 'zod';

/** A field that is absent, or not of the shape we know, reads as undefined. */
export function field<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** Kiro's ids, which become keys and parts of addresses: short and printable, or they are none. */
export const kiroId = z.string().regex(/^[\x21-\x7e]{1,200}$/);

const MAX_NAME = 200;

/** A name of a type, a tool, a model, a title: cut rather than refused when it is longer than any real one. */
export const shortName = z
  .string()
  .min(1)
  .transform((value) => value.slice(0, MAX_NAME));

/** The value of a JSON text; undefined when it is none, as one that Kiro is writing at this moment. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
