import type * as z from 'zod';
import type { Grammar } from '../filter/grammar.ts';

/** What the document says of a route beside what the route itself knows (method, address, who may). */
export interface Operation {
  summary: string;
  /** What stands for `:id`; any id unless said. */
  id?: z.ZodType;
  /** The schema that reads the query. */
  query?: z.ZodObject;
  /** The list's filters, which are read leniently: what is not understood is named in `misunderstood`. */
  filters?: Grammar;
  body?: z.ZodType;
  /** 200 unless said. */
  status?: number;
  /** The JSON of the answer, or the media type of what is no JSON. */
  answer: z.ZodType | string;
  /** `If-Match` with the version that was seen is needed. */
  versioned?: true;
}

/** By method and address, as in `ROUTES`. */
export type Operations = Readonly<Record<string, Operation>>;
