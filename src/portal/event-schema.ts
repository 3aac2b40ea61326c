import * as z from 'zod';
import {
  type CapsuleEvent,
  CONTENT_LEVELS,
  EVENT_KINDS,
  type EventKind,
  GENERATIONS,
  INVENTORY_PARTS,
  type Json,
  type Probe,
  SCHEMA_VERSION,
  STORES,
} from '../core/event.ts';

/** Ids become keys and parts of addresses, so they are short and printable. */
export const idSchema = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters');
/** Sorted and compared as text, so there is only one way to write it. */
export const timeSchema = z.iso.datetime({ precision: 3, error: 'must be like 2026-09-03T12:00:03.294Z' });

const name = z.string().max(1_000);
const path = z.string().max(8_192);
const text = z.string();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');
const count = z.int().nonnegative();
/** Whatever JSON.parse made is Json already; only "not there" is refused. */
const json = z.custom<Json>((value) => value !== undefined, 'must be there (null when unknown)');
const scope = z.enum(['user', 'workspace', 'power', 'agent']);

const mcpServer = z.object({
  name,
  scope,
  transport: z.enum(['stdio', 'http', 'unknown']),
  command: text.nullable(),
  commandSha256: sha256.nullable(),
  origin: name.nullable(),
  disabled: z.boolean(),
  autoApprove: z.array(name),
  envNames: z.array(name),
  headerNames: z.array(name),
});
const skill = z.object({ name, scope, description: text.nullable(), sha256 });
const steering = z.object({
  name,
  scope,
  inclusion: z.enum(['always', 'fileMatch', 'manual', 'auto', 'unknown']),
  sha256,
});
const hook = z.object({ name, scope, trigger: name, action: text, sha256, ours: z.boolean() });
const trust = z.object({
  source: name,
  scope,
  kind: z.enum(['command', 'capability', 'tool']),
  effect: z.enum(['allow', 'ask', 'deny']),
  pattern: text,
  ours: z.boolean(),
});

export const inventorySchema = z.object({
  mcpServers: z.array(mcpServer),
  skills: z.array(skill),
  steering: z.array(steering),
  powers: z.array(z.object({ name, sha256 })),
  hooks: z.array(hook),
  customAgents: z.array(z.object({ name, scope, sha256 })),
  trust: z.array(trust),
  changed: z
    .array(
      z.object({ what: z.enum(INVENTORY_PARTS), name: text, scope, change: z.enum(['added', 'removed', 'changed']) }),
    )
    .exactOptional(),
});
const prompt = z.object({
  text: text.nullable(),
  source: z.enum(['chat', 'steer']).nullable(),
  attachments: z.array(z.object({ name: path.nullable(), type: name, bytes: count.nullable() })),
});
const subAgent = z.object({ id: name, name: name.nullable() });
const tool = z.object({
  callId: name,
  name,
  kind: name.nullable(),
  mcpServer: name.nullable(),
  arguments: json,
  result: json,
  success: z.boolean().nullable(),
  exitCode: z.int().nullable(),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  durationMs: z.number().nonnegative().nullable(),
  approval: z.enum(['auto', 'accepted', 'rejected', 'pattern']).nullable(),
  subAgent: subAgent.nullable(),
});
const turnEnd = z.object({
  reason: name,
  durationMs: z.number().nonnegative().nullable(),
  credits: z.number().nonnegative().nullable(),
  contextUsage: z.number().nonnegative().nullable(),
  counts: z.object({ prompts: count, responses: count, reasonings: count, tools: count, toolFailures: count }),
  error: text.exactOptional(),
});
const gap = z.object({ count: count.nullable(), firstTime: timeSchema, lastTime: timeSchema, reason: name });

export const workspaceSchema = z.object({ id: idSchema, path, name });

const envelope = {
  schemaVersion: z.literal(SCHEMA_VERSION),
  id: idSchema,
  time: timeSchema,
  session: z.object({
    id: idSchema,
    generation: z.enum(GENERATIONS),
    title: name.nullable(),
    mode: name.nullable(),
    model: name.nullable(),
  }),
  turn: z.object({ id: idSchema, index: count.nullable() }).nullable(),
  workspace: workspaceSchema.nullable(),
  agent: z.object({ name: z.literal('kiro'), version: name.nullable() }),
  device: z.object({ id: idSchema, os: z.enum(['darwin', 'linux', 'win32']), user: name }),
  source: z.object({
    store: z.enum(STORES),
    record: name.nullable(),
    ordinal: z.number().nonnegative(),
    content: z.enum(CONTENT_LEVELS),
    inferred: z.array(name),
  }),
  redactions: z.array(z.object({ rule: name, field: path, count, hash: name })),
  truncated: z.array(z.object({ field: path, bytes: count, sha256 })).exactOptional(),
};

const eventOf = <K extends EventKind, B extends z.ZodType>(kind: K, body: B) =>
  z.object({ ...envelope, kind: z.literal(kind), body });

/** An event, as the contract in core/event.ts has it. */
export const capsuleEventSchema = z.discriminatedUnion('kind', [
  eventOf('session.started', inventorySchema),
  eventOf('prompt.submitted', prompt),
  eventOf('agent.responded', z.object({ text: text.nullable(), subAgent: subAgent.exactOptional() })),
  eventOf(
    'agent.reasoned',
    z.object({ text: text.nullable(), withheld: z.boolean(), subAgent: subAgent.exactOptional() }),
  ),
  eventOf('tool.invoked', tool),
  eventOf('turn.ended', turnEnd),
  eventOf('capture.gap', gap),
]);

const probeSchema = z.object({ ...envelope, kind: z.literal('probe'), body: z.object({}) });

/** The probe of a `diagnose --probe`, if a parsed JSON value is one. */
export function readProbe(value: unknown): Probe | undefined {
  // The value as it came: its type has no field that zod would change.
  return probeSchema.safeParse(value).success ? (value as Probe) : undefined;
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Flat<T> = Json extends T ? 'json' : T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Holds<T extends true> = T;
/** Does not compile when the schema and the contract in core/event.ts part. */
export type SchemaIsTheContract = Holds<Same<Flat<z.infer<typeof capsuleEventSchema>>, Flat<CapsuleEvent>>>;

export interface Unfit {
  id: string | null;
  code: 'event-invalid' | 'kind-unknown' | 'schema-version-unknown';
  message: string;
}

/**
 * Whether a parsed JSON value is an event. Fields we do not know are let through and kept, so that an older portal loses
 * nothing a newer agent says; a kind or schema version we do not know is refused, because we could not show it.
 */
export function checkEvent(value: unknown): { event: CapsuleEvent } | { unfit: Unfit } {
  const head = headSchema.safeParse(value);
  const id = head.data?.id ?? null;
  if (head.success && head.data.schemaVersion !== SCHEMA_VERSION) {
    const message = `schema version ${String(head.data.schemaVersion)} is not known to this portal; it knows ${SCHEMA_VERSION}`;
    return { unfit: { id, code: 'schema-version-unknown', message } };
  }
  if (head.success && !EVENT_KINDS.some((kind) => kind === head.data.kind)) {
    return { unfit: { id, code: 'kind-unknown', message: `kind ${head.data.kind} is not known to this portal` } };
  }
  const parsed = capsuleEventSchema.safeParse(value);
  // The value as it came, not zod's copy, which has lost the fields we do not know.
  if (parsed.success) return { event: value as CapsuleEvent };
  return { unfit: { id, code: 'event-invalid', message: explain(parsed.error) } };
}

const headSchema = z.object({ id: idSchema, kind: z.string().max(100), schemaVersion: z.int() });

/** Names fields, never values: the message ends up in the agent's log. */
export function explain(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return 'is not understood';
  const where = first.path.length === 0 ? 'the body' : first.path.map(String).join('.');
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  return `${where}: ${first.message}${more}`;
}
