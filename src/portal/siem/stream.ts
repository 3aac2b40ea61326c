import * as z from 'zod';
import { EVENT_KINDS } from '../../core/event.ts';
import { SEVERITIES, severitySchema } from '../policies/policy.ts';
import { isSafeAddress } from '../safe-address.ts';

/** How a stream's messages look: our own JSON, OCSF's classes, or our own JSON in a CloudEvents envelope. */
export const STREAM_FORMATS = ['capsule', 'ocsf', 'cloudevents'] as const;

/** Facilities of RFC 5424, table 1, by the names that syslog programs use. */
export const FACILITIES = {
  ...{ user: 1, daemon: 3, auth: 4, authpriv: 10, audit: 13 },
  ...{ local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21, local6: 22, local7: 23 },
} as const;
export type Facility = keyof typeof FACILITIES;

const syslogSchema = z.strictObject({
  kind: z.literal('syslog'),
  host: z
    .string()
    .max(253)
    .regex(/^(?:[\w-]+(?:\.[\w-]+)*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/, 'must be a name or an address of a host'),
  port: z.int().min(1).max(65_535),
  transport: z.enum(['tls', 'tcp', 'udp']).default('tls'),
  /** Who signed the receiver's certificate, in PEM; null: whoever the system trusts. */
  ca: z.string().max(65_536).nullable().default(null),
  facility: z.enum(Object.keys(FACILITIES) as [Facility, ...Facility[]]).default('local0'),
  appName: z
    .string()
    .regex(/^[!-~]{1,48}$/, 'must be 1 to 48 printable ASCII characters without spaces')
    .default('capsule'),
  /** The largest message in bytes, as the receiver takes it. */
  maxMessageBytes: z.int().min(2_048).max(1_048_576).default(65_536),
});

const httpSchema = z.strictObject({
  kind: z.literal('http'),
  url: z.string().max(2_000).refine(isSafeAddress, 'must be https, or http to this machine, without a user name'),
});

/** Where a stream goes. */
export const destinationSchema = z.discriminatedUnion('kind', [syslogSchema, httpSchema]);
export type Destination = z.infer<typeof destinationSchema>;
export type SyslogDestination = z.infer<typeof syslogSchema>;

/** What a stream sends, and how. */
const choiceSchema = z.strictObject({
  format: z.enum(STREAM_FORMATS),
  /** None: detections only. */
  kinds: z.array(z.enum(EVENT_KINDS)),
  severities: z.array(z.enum(SEVERITIES)),
  /** `metadata`: what was said, run and answered stays in the portal; its length and hash go. */
  content: z.enum(['metadata', 'full']),
});
export type Choice = z.infer<typeof choiceSchema>;

const settingsSchema = choiceSchema.extend({
  /** What people call it; empty: by where it goes. */
  name: z.string().trim().max(100),
  destination: destinationSchema,
});
/** All that a person can choose of a stream, and change later. */
export type StreamSettings = z.infer<typeof settingsSchema>;

/** Pure. */
export const sendsSomething = ({ kinds, severities }: Choice): boolean => kinds.length + severities.length > 0;
export const SENDS_NOTHING = 'must send something';

/** What a person says of a new stream. `from`: beginning with what comes, or with all that is stored. */
export const draftSchema = settingsSchema
  .extend({
    name: settingsSchema.shape.name.default(''),
    format: choiceSchema.shape.format.default('capsule'),
    kinds: choiceSchema.shape.kinds.default([]),
    severities: choiceSchema.shape.severities.default([...SEVERITIES]),
    content: choiceSchema.shape.content.default('metadata'),
    from: z.enum(['now', 'start']).default('now'),
  })
  .refine(sendsSomething, SENDS_NOTHING);

/** What a person says of a stream that is there: what is not named stays. `destination` is taken as a whole. */
export const changeSchema = z.strictObject({
  name: settingsSchema.shape.name.exactOptional(),
  format: choiceSchema.shape.format.exactOptional(),
  kinds: choiceSchema.shape.kinds.exactOptional(),
  severities: choiceSchema.shape.severities.exactOptional(),
  content: choiceSchema.shape.content.exactOptional(),
  destination: destinationSchema.exactOptional(),
  enabled: z.boolean().exactOptional(),
});

/** A stream as the API answers it. */
export const streamSchema = settingsSchema.extend({
  id: z.string(),
  severities: z.array(severitySchema),
  createdAt: z.string(),
  createdBy: z.string(),
  enabled: z.boolean(),
  /** Messages that arrived, and when the last one did. */
  sent: z.number(),
  sentAt: z.string().nullable(),
  /** Events and detections that it has not come to; it counts to 10,000 of each. */
  behind: z.number(),
  /** When the first of these was stored; null: there is none, or it is stored no more. */
  waitingSince: z.string().nullable(),
  /** Events that retention removed before it came to them. */
  missed: z.number(),
  /** What the last try met; null: it arrived. */
  trouble: z.string().nullable(),
  /** How often it failed since it last arrived. */
  tries: z.number(),
  /** When it is tried again; null: at once. */
  nextAt: z.string().nullable(),
});
export type Stream = z.infer<typeof streamSchema>;

export const streamsAnswerSchema = z.object({ streams: z.array(streamSchema), next: z.null() });
export type StreamsAnswer = z.infer<typeof streamsAnswerSchema>;
/** `secret`: by which batches over HTTP are signed, told this once; empty for syslog. */
export const madeStreamAnswerSchema = z.object({ stream: streamSchema, secret: z.string() });
export type MadeStreamAnswer = z.infer<typeof madeStreamAnswerSchema>;
/** The new one, told this once. */
export const streamSecretAnswerSchema = z.object({ secret: z.string() });
