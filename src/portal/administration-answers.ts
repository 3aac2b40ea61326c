/** What `/api/**` answers administrators. */
import * as z from 'zod';
import { listAnswerSchema } from './answers.ts';
import { roleSchema } from './role-schema.ts';

export const memberSchema = z.object({
  id: z.string(),
  role: roleSchema,
  createdAt: z.string(),
  signedInAt: z.string(),
  /** Since when it may not sign in; null: it may. */
  disabledAt: z.string().nullable(),
  hasPassword: z.boolean(),
});
export type Member = z.infer<typeof memberSchema>;

export const membersAnswerSchema = z.object({ members: z.array(memberSchema), next: z.string().nullable() });
export type MembersAnswer = z.infer<typeof membersAnswerSchema>;

export const retentionAnswerSchema = z.object({
  /** By kind of event: for how many days it is kept; null: for ever. */
  days: z.record(z.string(), z.number().nullable()),
  /** When the portal last looked for what is kept no longer, and how many events it removed; null before the first time. */
  lastRun: z.object({ time: z.string(), removed: z.number() }).nullable(),
});
export const retentionPreviewAnswerSchema = z.object({
  /** By kind: how many of the events stored now would go at the next clean-up. */
  remove: z.record(z.string(), z.number()),
});
export type RetentionPreviewAnswer = z.infer<typeof retentionPreviewAnswerSchema>;
export type RetentionAnswer = z.infer<typeof retentionAnswerSchema>;

export const linkAnswerSchema = z.object({
  /** Signs in once; seen this once. */
  link: z.string(),
  expiresAt: z.string(),
});
export type LinkAnswer = z.infer<typeof linkAnswerSchema>;

export const installerStateSchema = z.enum(['active', 'used-up', 'expired', 'revoked']);
export type InstallerState = z.infer<typeof installerStateSchema>;

export const installerSummarySchema = z.object({
  id: z.string(),
  label: z.string(),
  system: z.enum(['macos', 'linux', 'windows']),
  /** How long the credential of each device lives. */
  credentialDays: z.number(),
  content: z.string().nullable(),
  hooks: z.string().nullable(),
  madeBy: z.string(),
  madeAt: z.string(),
  /** When it stops enrolling devices. */
  endsAt: z.string(),
  uses: z.number(),
  /** null: without limit. */
  maxUses: z.number().nullable(),
  state: installerStateSchema,
  agents: z.object({
    total: z.number(),
    newest: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        user: z.string(),
        enrolledAt: z.string(),
        lastEventAt: z.string().nullable(),
      }),
    ),
  }),
});
export type InstallerSummary = z.infer<typeof installerSummarySchema>;

export const installerAnswerSchema = z.object({ installer: installerSummarySchema });
export type InstallerAnswer = z.infer<typeof installerAnswerSchema>;

export const installersAnswerSchema = z.object({
  installers: z.array(installerSummarySchema),
  /** What this portal can hand out. */
  executables: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
  next: z.string().nullable(),
});
export type InstallersAnswer = z.infer<typeof installersAnswerSchema>;

export const madeInstallerAnswerSchema = z.object({
  ...installerAnswerSchema.shape,
  /** Its text is seen this once: of the code inside only a hash is kept. */
  file: z.object({ name: z.string(), text: z.string(), bytes: z.number(), sha256: z.string(), command: z.string() }),
});
export type MadeInstallerAnswer = z.infer<typeof madeInstallerAnswerSchema>;

export const actSchema = z.object({
  time: z.string(),
  actor: z.string(),
  act: z.string(),
  object: z.string(),
  /** The sender's IP address, and the kind of program; null for what came by the command line or from the portal itself. */
  from: z.string().nullable(),
  client: z.string().nullable(),
  /** What had another value before; null where nothing had. */
  changes: z
    .array(z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .nullable(),
});
export type Act = z.infer<typeof actSchema>;

export const auditAnswerSchema = z.object({ ...listAnswerSchema.shape, acts: z.array(actSchema) });
export type AuditAnswer = z.infer<typeof auditAnswerSchema>;

/** A credential as it is listed: nobody has its value any more. */
export const listedTokenSchema = z.object({
  id: z.string(),
  kind: z.enum(['org', 'device', 'code', 'key', 'own-link', 'own-session']),
  subject: z.string().nullable(),
  role: roleSchema.nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  uses: z.number(),
  maxUses: z.number().nullable(),
});
export const tokensAnswerSchema = z.object({ tokens: z.array(listedTokenSchema), next: z.string().nullable() });
/** Its value is seen this once. */
export const madeKeyAnswerSchema = z.object({ id: z.string(), value: z.string(), expiresAt: z.string() });
export const revokedInstallerAnswerSchema = z.object({ ok: z.literal(true), agents: z.number() });
