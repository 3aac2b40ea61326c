/** Fields of Kiro 0.x's JSON, read tolerantly: one odd field must not cost the whole file. */
import * as z from 'zod';
import { parseJson } from './fields.ts';

/** A field that is absent, or not of the shape we know, reads as null. */
export function field<T extends z.ZodType>(schema: T) {
  return schema.nullable().catch(null).optional().default(null);
}

/** Kiro's ids, which become keys and parts of file names: short, printable, and leading nowhere. */
export const id = z.string().regex(/^(?!\.)[\x21-\x2e\x30-\x5b\x5d-\x7e]{1,200}$/);

/** The user's folder, in the notation of whatever system it is on. */
export const folder = z.string().min(1).max(4096);

/** A moment in ms since 1970; Kiro writes a number, or a number as text, or 0 for none. */
export const moment = z
  .union([z.number(), z.string().transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))])
  .refine((ms) => ms > 0 && ms < 253_402_300_800_000);

/** A list of which what is not of the shape we know is left out. */
export function listOf<T extends z.ZodType>(schema: T) {
  return z
    .array(z.unknown())
    .catch([])
    .default([])
    .transform((items) =>
      items.flatMap((item) => {
        const parsed = schema.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/**
 * The value of a JSON text by a schema, with all that the text holds beside it, to find what the schema leaves out; null when it
 * is not JSON, or not of that shape.
 */
export function parseBoth<T>(schema: z.ZodType<T>, json: string): { known: T; all: unknown } | null {
  const all = parseJson(json);
  const known = all === undefined ? null : (schema.safeParse(all).data ?? null);
  return known === null ? null : { known, all };
}

/** A field of what may be an object; undefined when it is none or has none. */
export function within(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
