/** What is kept of policies and of what they found, as the API answers it. */
import * as z from 'zod';
import { descriptionSchema, ruleSchema, severitySchema, targetsSchema } from './policy.ts';

/** What is kept of policies and of what they found, as the API answers it. */
/** What a policy saw: a field of the event as a JSON Pointer, and the stretch of its text in UTF-16 units; null: all of it. */
export const evidenceSchema = z.object({
  event: z.string(),
  path: z.string(),
  start: z.number().nullable(),
  end: z.number().nullable(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** What a person writes of a policy. */
export const policyDraftSchema = z.intersection(
  ruleSchema,
  z.object({
    name: z.string(),
    severity: severitySchema,
    description: descriptionSchema,
    targets: targetsSchema,
    enabled: z.boolean(),
  }),
);
export type PolicyDraft = z.infer<typeof policyDraftSchema>;

export const storedPolicySchema = z.intersection(
  policyDraftSchema,
  z.object({
    id: z.string(),
    version: z.number(),
    /** Of the built-in policy it is or was made from; null for the organisation's own. */
    packVersion: z.number().nullable(),
    /** A built-in policy whose rule the organisation has changed: a newer pack leaves it alone. */
    edited: z.boolean(),
    /** Why the portal switched it off; null otherwise. */
    trouble: z.string().nullable(),
    changedAt: z.string(),
    changedBy: z.string(),
    /** In the last seven days, and those that are not settled. */
    matches: z.number(),
    open: z.number(),
    /** Of the last hour in which there were any. */
    failures: z
      .object({ hour: z.string(), count: z.number(), code: z.string(), message: z.string(), event: z.string() })
      .nullable(),
  }),
);
export type StoredPolicy = z.infer<typeof storedPolicySchema>;

export const policyVersionSchema = z.object({
  version: z.number(),
  policy: policyDraftSchema,
  note: z.string(),
  at: z.string(),
  by: z.string(),
});
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

export const DETECTION_STATES = ['open', 'in_review', 'closed', 'false_positive', 'withdrawn'] as const;

export const detectionStateSchema = z.enum(DETECTION_STATES);
export type DetectionState = (typeof DETECTION_STATES)[number];

export const storedDetectionSchema = z.object({
  id: z.string(),
  policy: z.string(),
  policyName: z.string(),
  policyVersion: z.number(),
  severity: severitySchema,
  event: z.string(),
  session: z.string(),
  agent: z.string(),
  user: z.string(),
  workspace: z.string().nullable(),
  time: z.string(),
  foundAt: z.string(),
  evidence: z.array(evidenceSchema),
  retrospective: z.boolean(),
  state: detectionStateSchema,
  reason: z.string().nullable(),
  assignee: z.string().nullable(),
  version: z.number(),
  changedAt: z.string(),
});
export type StoredDetection = z.infer<typeof storedDetectionSchema>;

export const detectionStepSchema = z.object({
  version: z.number(),
  at: z.string(),
  by: z.string(),
  change: z.object({
    state: detectionStateSchema.exactOptional(),
    reason: z.string().nullable().exactOptional(),
    assignee: z.string().nullable().exactOptional(),
  }),
  note: z.string(),
});
export type DetectionStep = z.infer<typeof detectionStepSchema>;

export const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  severities: z.array(severitySchema),
  createdAt: z.string(),
  createdBy: z.string(),
  /** Notices that wait, and what the last one that failed met. */
  waiting: z.number(),
  trouble: z.string().nullable(),
  /** A webhook that is off keeps its secret and is told nothing. */
  enabled: z.boolean(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** One notice to one webhook. */
export const deliverySchema = z.object({
  id: z.number(),
  madeAt: z.string(),
  detections: z.number(),
  tries: z.number(),
  /** When it will be tried next; null when it arrived or was given up. */
  nextAt: z.string().nullable(),
  doneAt: z.string().nullable(),
  /** What the last try met; null: it arrived, or has not been tried. */
  trouble: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** Whether everything that is stored has been judged. */
export const judgingHealthSchema = z.object({
  /** Events that wait to be judged again. */
  waiting: z.number(),
  /** Events that failed so often that they are left alone until a policy is changed. */
  givenUp: z.number(),
});
export type JudgingHealth = z.infer<typeof judgingHealthSchema>;

/** What `/api/policies` and `/api/detections` answer, and their like. */
export const policiesAnswerSchema = z.object({
  next: z.string().nullable(),
  policies: z.array(storedPolicySchema),
  health: judgingHealthSchema,
});
export type PoliciesAnswer = z.infer<typeof policiesAnswerSchema>;

export const policyAnswerSchema = z.object({ policy: storedPolicySchema, versions: z.array(policyVersionSchema) });
export type PolicyAnswer = z.infer<typeof policyAnswerSchema>;

/** Why a look back over stored events ended. */
export const runEndSchema = z.enum(['all', 'matches', 'marks']);
export type RunEnd = z.infer<typeof runEndSchema>;

/** An event that a look back found. */
export const sampleSchema = z.object({
  event: z.string(),
  session: z.string(),
  agent: z.string(),
  user: z.string(),
  time: z.string(),
  evidence: z.array(evidenceSchema),
});
export type Sample = z.infer<typeof sampleSchema>;

export const runResultSchema = z.object({
  /** How many events were looked at, down to which time. */
  events: z.number(),
  searchedTo: z.string().nullable(),
  ended: runEndSchema.nullable(),
  matches: z.number(),
  users: z.number(),
  failures: z.number(),
  firstFailure: z.object({ event: z.string(), code: z.string(), message: z.string() }).nullable(),
  /** The newest matches. */
  samples: z.array(sampleSchema),
  /** Against the stored version, over the same events; null for a new policy and where nothing is compared. */
  difference: z.object({ added: z.number(), gone: z.number() }).nullable(),
  /** Detections that were not there before; only when it keeps what it finds. */
  kept: z.number(),
  tookMs: z.number(),
});
export type RunResult = z.infer<typeof runResultSchema>;

/** A look back over stored events: a dry run stores nothing, `judge` keeps what it finds as detections. */
export const policyRunSchema = z.object({
  id: z.string(),
  /** `new` for a policy that is not stored yet. */
  policy: z.string(),
  kind: z.enum(['dry-run', 'judge']),
  asked: z.object({
    rule: ruleSchema,
    targets: targetsSchema,
    from: z.string().nullable(),
    comparedWith: z.number().nullable(),
  }),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  result: runResultSchema,
  startedAt: z.string(),
  startedBy: z.string(),
  endedAt: z.string().nullable(),
});
export type PolicyRun = z.infer<typeof policyRunSchema>;

export const runAnswerSchema = z.object({ run: policyRunSchema });
export type RunAnswer = z.infer<typeof runAnswerSchema>;

/** A detection with the line of its event that it is about, shortened. */
export const listedDetectionSchema = storedDetectionSchema.extend({ excerpt: z.string().nullable() });
export type ListedDetection = z.infer<typeof listedDetectionSchema>;

export const detectionsAnswerSchema = z.object({
  detections: z.array(listedDetectionSchema),
  misunderstood: z.array(z.string()),
  next: z.string().nullable(),
});
export type DetectionsAnswer = z.infer<typeof detectionsAnswerSchema>;

export const detectionGroupsAnswerSchema = z.object({
  groups: z.array(z.object({ detection: listedDetectionSchema, count: z.number() })),
  misunderstood: z.array(z.string()),
  next: z.string().nullable(),
});
export type DetectionGroupsAnswer = z.infer<typeof detectionGroupsAnswerSchema>;

export const detectionAnswerSchema = z.object({
  detection: storedDetectionSchema,
  history: z.array(detectionStepSchema),
});
export type DetectionAnswer = z.infer<typeof detectionAnswerSchema>;

export const detectionCountsAnswerSchema = z.object({
  counts: z.array(z.object({ state: detectionStateSchema, severity: severitySchema, count: z.number() })),
});
export type CountsAnswer = z.infer<typeof detectionCountsAnswerSchema>;

export const webhooksAnswerSchema = z.object({
  webhooks: z.array(webhookSchema),
  /** Whose mails those of this portal are; null: it sends none. */
  mailFrom: z.string().nullable(),
  next: z.string().nullable(),
});
export type WebhooksAnswer = z.infer<typeof webhooksAnswerSchema>;

export const deliveriesAnswerSchema = z.object({ next: z.string().nullable(), deliveries: z.array(deliverySchema) });
export type DeliveriesAnswer = z.infer<typeof deliveriesAnswerSchema>;

/** A part of a policy's expression and what it says of an event; null: it cannot be said of it. */
export const clauseSchema = z.object({ text: z.string(), value: z.boolean().nullable() });
export type Clause = z.infer<typeof clauseSchema>;
