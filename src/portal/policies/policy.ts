import * as z from 'zod';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const severitySchema = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severitySchema>;

const pattern = z.string().min(1).max(200);
const patterns = z.array(pattern).max(200).default([]);
/** Whom a policy is for, by patterns with `*`; an empty list means everybody. */
export const targetsSchema = z.strictObject({ agents: patterns, users: patterns, workspaces: patterns });
export type Targets = z.infer<typeof targetsSchema>;

const expression = z.string().min(1).max(20_000);
/** What a sequence asks of one event; `keys` is a CEL list of texts, of which two steps have to share one. */
const step = z.strictObject({ expression, keys: expression.exactOptional() });
/** A rule over several events of one session: steps in order, or `count` times the one step, forgotten at `reset`. */
export const sequenceSchema = z
  .strictObject({
    windowSeconds: z
      .int()
      .min(1)
      .max(7 * 86_400),
    maxTurns: z.int().min(0).max(1_000).exactOptional(),
    /** Two steps may be the same event. */
    sameEvent: z.boolean().exactOptional(),
    count: z.int().min(2).max(100).exactOptional(),
    reset: expression.exactOptional(),
    steps: z.array(step).min(1).max(4),
  })
  .refine(({ count, steps }) => (count === undefined ? steps.length > 1 : steps.length === 1), {
    error: 'needs two to four steps, or one step and a count',
  });
export type Sequence = z.infer<typeof sequenceSchema>;

/** What a policy judges by: one expression over an event, or a sequence of them. */
export const ruleSchema = z.union([
  z.object({ expression: z.string(), sequence: z.null() }),
  z.object({ expression: z.null(), sequence: sequenceSchema }),
]);
export type Rule = z.infer<typeof ruleSchema>;

/** A policy as it is judged. */
export type ActivePolicy = Rule & { id: string; version: number; severity: Severity; targets: Targets };

/** A policy that the portal brings along. */
export type PackPolicy = Rule & {
  id: string;
  name: string;
  packVersion: number;
  severity: Severity;
  enabled: boolean;
  description: Description;
};

/** What a person reads: what it finds, why it matters, when it is wrong, and by which names the catalogues know it. */
export const descriptionSchema = z.object({
  finds: z.string(),
  why: z.string(),
  falsePositives: z.string(),
  attack: z.array(z.string()),
  atlas: z.array(z.string()),
  owasp: z.array(z.string()),
});
export type Description = z.infer<typeof descriptionSchema>;
