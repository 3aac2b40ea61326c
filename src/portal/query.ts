import * as z from 'zod';
import { checkBody } from './check-body.ts';

export const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  cursor: z.string().max(500).optional(),
});

/** `limit` (1 to 1000, 50 unless said) and `cursor`. Refuses (400) `query-invalid`. */
export function readPage(query: URLSearchParams): { limit: number; after?: string } {
  const { limit, cursor } = parse(pageSchema, query);
  return cursor === undefined ? { limit } : { limit, after: cursor };
}

/** Parses the named parameters; of one that is given twice, the last. Refuses (400) `query-invalid`. */
export function parse<T extends z.ZodType>(schema: T, query: URLSearchParams): z.infer<T> {
  return checkBody(schema, Object.fromEntries(query), 'query-invalid');
}
