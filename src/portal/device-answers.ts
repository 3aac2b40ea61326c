/** What `/v1/**` answers devices. Fields may be added: an agent ignores what it does not know. */
import * as z from 'zod';

export const rejectedEventSchema = z.object({
  id: z.string().nullable(),
  code: z.enum(['event-invalid', 'kind-unknown', 'schema-version-unknown', 'device-foreign']),
  message: z.string(),
});
/** Why an event was not stored. It never will be: sending it again gives the same answer. */
export type Rejected = z.infer<typeof rejectedEventSchema>;

/** How many were stored, how many were there before, and which never will be. */
export const batchAnswerSchema = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.array(rejectedEventSchema),
});

export const credentialAnswerSchema = z.object({
  /** A signed token; seen this once. */
  credential: z.string(),
  expiresAt: z.string(),
  org: z.string(),
  deviceId: z.string(),
  portal: z.object({ name: z.string(), version: z.string() }),
  /** By which a newer executable is known; only when a device enrols. */
  upgradeKey: z.string().exactOptional(),
});

export const upgradeAnswerSchema = z.object({
  /** The executable that this portal hands out for that system; null where there is none. */
  upgrade: z
    .object({
      name: z.string(),
      version: z.string(),
      platform: z.string(),
      bytes: z.number(),
      sha256: z.string(),
      signature: z.string(),
    })
    .nullable(),
  keys: z.array(z.unknown()),
});

export const doneAnswerSchema = z.object({ ok: z.literal(true) });
export const healthAnswerSchema = z.object({ ok: z.literal(true), version: z.string() });
