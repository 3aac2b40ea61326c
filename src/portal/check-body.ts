import type * as z from 'zod';
import { Refusal } from './answer.ts';
import { explain } from './event-schema.ts';

/** What came from outside, as this schema has it. Refuses (400) with this code, in words that name the first wrong field. */
export function checkBody<T extends z.ZodType>(schema: T, body: unknown, code: string): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, code, explain(parsed.error));
  return parsed.data;
}
