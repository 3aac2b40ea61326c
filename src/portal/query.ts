import * as z from 'zod';
import { EVENT_KINDS } from '../core/event.ts';
import { Refusal } from './answer.ts';
import { explain, idSchema } from './event-schema.ts';
import type { EventFilter } from './store/store.ts';

const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  cursor: z.string().max(500).optional(),
});

/** `limit` (1 to 1000, 50 unless said) and `cursor`. Refuses (400) `query-invalid`. */
export function readPage(query: URLSearchParams): { limit: number; after?: string } {
  const { limit, cursor } = parse(pageSchema, query);
  return cursor === undefined ? { limit } : { limit, after: cursor };
}

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional();
const filterSchema = z.object({
  session: idSchema.optional(),
  turn: idSchema.optional(),
  agent: idSchema.optional(),
  workspace: idSchema.optional(),
  from: time,
  to: time,
  q: z.string().max(200).optional(),
});

/** `kind` (several: any of them), `session`, `turn`, `agent`, `workspace`, `from`, `to`, `q` (words: all of them). Refuses (400). */
export function readFilter(query: URLSearchParams): EventFilter {
  const { q, session, turn, agent, workspace, from, to } = parse(filterSchema, query);
  const kinds = z.array(z.enum(EVENT_KINDS)).safeParse(query.getAll('kind'));
  if (!kinds.success) throw new Refusal(400, 'query-invalid', `kind must be one of ${EVENT_KINDS.join(', ')}`);
  const words = q?.split(/\s+/).filter((word) => word !== '') ?? [];
  return {
    kinds: kinds.data,
    words,
    ...(session !== undefined && { session }),
    ...(turn !== undefined && { turn }),
    ...(agent !== undefined && { agent }),
    ...(workspace !== undefined && { workspace }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** Parses the named parameters; of one that is given twice, the last. Refuses (400) `query-invalid`. */
export function parse<T extends z.ZodType>(schema: T, query: URLSearchParams): z.infer<T> {
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw new Refusal(400, 'query-invalid', explain(parsed.error));
  return parsed.data;
}
