/** What `/api/**` answers of policies, detections and webhooks beside their records. */
import * as z from 'zod';
import { listedEventSchema } from '../answers.ts';
import { SEVERITIES } from './policy.ts';
import { clauseSchema, webhookSchema } from './records.ts';

export const ruleProblemSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** `expression`, `steps.0.expression`, `steps.1.keys`, `reset`. */
  field: z.string(),
  start: z.number(),
  end: z.number(),
  /** Both count from 1. */
  line: z.number(),
  column: z.number(),
});
export const problemsAnswerSchema = z.object({ problems: z.array(ruleProblemSchema) });
/** What a step of a rule (an expression is one) says of one event, and what each of its parts does. */
export const triedStepSchema = z.object({ matches: z.boolean().nullable(), clauses: z.array(clauseSchema) });
export type TriedStep = z.infer<typeof triedStepSchema>;
export const triedAnswerSchema = z.object({ steps: z.array(triedStepSchema) });
/** Oldest first, without times in which there was none; each sum is of `stepMs`. `top` are the policies that found the most. */
export const detectionTimesAnswerSchema = z.object({
  times: z.array(z.object({ start: z.string(), severity: z.enum(SEVERITIES), count: z.number() })),
  stepMs: z.number(),
  top: z.array(z.object({ policy: z.string(), name: z.string().nullable(), count: z.number() })),
  misunderstood: z.array(z.string()),
});
export type DetectionTimesAnswer = z.infer<typeof detectionTimesAnswerSchema>;
export const contextAnswerSchema = z.object({ events: z.array(listedEventSchema), clauses: z.array(clauseSchema) });
/** Ids of detections. */
export const changedDetectionsAnswerSchema = z.object({
  changed: z.array(z.string()),
  unchanged: z.array(z.string()),
});
/** The secret, with which notices are signed, is seen this once. */
export const madeWebhookAnswerSchema = z.object({
  webhook: webhookSchema.pick({ id: true, url: true, severities: true }),
  secret: z.string(),
});
/** What a test met; null: it arrived. */
export const testAnswerSchema = z.object({ trouble: z.string().nullable() });
