import type { CapsuleEvent } from '../core/event.ts';
import type { SessionFolder } from '../kiro/session-folders-1x.ts';
import type { SessionMeta } from '../kiro/session-meta-1x.ts';
import { buildEvent, buildSessionStarted, type Surroundings, sessionRef, workspaceRef } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { keepMetadata, strictest } from './content-level.ts';
import { cutToSize } from './cut-to-size.ts';
import type { Fact } from './fact.ts';
import { isMcpTool, mcpServerOf } from './mcp-server-name.ts';
import type { Redactor } from './redact.ts';
import type { Reading } from './reduce-lines.ts';

/**
 * The events of facts, redacted and cut, ready to leave; none at level `off`. `begun`: the session has to be told first, from
 * this record.
 */
export async function tellFacts(
  facts: readonly Fact[],
  begun: Reading['begun'],
  around: Surroundings,
  context: CaptureContext,
  meta: SessionMeta | null,
): Promise<CapsuleEvent[]> {
  if (around.level === 'off') return [];
  const events = await buildEvents(facts, around, context, meta);
  if (begun !== null) events.unshift(await tellStart(begun, meta, around, context));
  const ready: CapsuleEvent[] = [];
  // One after the other: redaction is held to a time limit that others' work must not eat.
  for (const event of events) ready.push(await makeReady(event, context.redact));
  return ready;
}

/** What all events of a session say of it, as its `session.json` is now. */
export function surroundings(folder: SessionFolder, meta: SessionMeta | null, context: CaptureContext): Surroundings {
  const [first = null, ...others] = meta?.workspacePaths ?? [];
  const level = strictest(context.levelFor(first), ...others.map((path) => context.levelFor(path)));
  return {
    session: sessionRef(folder.id, meta),
    workspace: first === null ? null : workspaceRef(first),
    kiroVersion: context.kiroVersion,
    device: context.device,
    // It may belong to a workspace that was excluded: then no text of it may leave.
    level: meta === null ? strictest(level, 'metadata') : level,
  };
}

async function buildEvents(
  facts: readonly Fact[],
  around: Surroundings,
  context: CaptureContext,
  meta: SessionMeta | null,
): Promise<CapsuleEvent[]> {
  const called = facts.some((fact) => fact.kind === 'tool.invoked' && isMcpTool(fact.body.name));
  const servers = called ? (await context.inventory(meta?.workspacePaths ?? [])).mcpServers : [];
  const names = [...new Set(servers.map((server) => server.name))];
  return facts.map((fact) => buildEvent(fact.kind === 'tool.invoked' ? withServer(fact, names) : fact, around));
}

function withServer(fact: Extract<Fact, { kind: 'tool.invoked' }>, names: readonly string[]): Fact {
  const mcpServer = mcpServerOf(fact.body.name, names);
  if (mcpServer === null) return fact;
  return { ...fact, inferred: [...fact.inferred, 'mcpServer'], body: { ...fact.body, mcpServer } };
}

/**
 * A session is told once, at its first record that is new to us. Its time is that of the first prompt, else of the chat's
 * opening; for a session from before us, which starts for us now with what is configured now, the record's.
 */
async function tellStart(
  { record, first }: NonNullable<Reading['begun']>,
  meta: SessionMeta | null,
  around: Surroundings,
  context: CaptureContext,
): Promise<CapsuleEvent> {
  const inventory = await context.inventory(meta?.workspacePaths ?? []);
  const prompted = record.payload.type === 'user' ? record.time : null;
  const time = first ? (prompted ?? meta?.createdAt ?? record.time) : record.time;
  const inferred = first && time !== null ? [] : ['time'];
  return buildSessionStarted(inventory, time ?? new Date(0).toISOString(), inferred, around);
}

/** Redacted before it is cut and before anything is hashed: a cut secret is not found, a hashed one can be guessed. */
async function makeReady(event: CapsuleEvent, redact: Redactor): Promise<CapsuleEvent> {
  const { content } = event.source;
  const redacted = content === 'full' ? event : await redact.redactEvent(event);
  return content === 'metadata' ? keepMetadata(redacted) : cutToSize(redacted);
}
