import type { CapsuleEvent } from '../core/event.ts';
import { buildEvent, buildSessionStarted, type Surroundings } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { keepMetadata } from './content-level.ts';
import { cutToSize } from './cut-to-size.ts';
import type { Fact } from './fact.ts';
import { isMcpTool, mcpServerOf } from './mcp-server-name.ts';
import type { Redactor } from './redact.ts';

/** When a session started; `inferred` names `time` when the moment is not its start but where we came in. */
export interface SessionStart {
  time: string;
  inferred: string[];
}

export interface Telling {
  around: Surroundings;
  context: CaptureContext;
  /** The session's folders, whose configuration counts. */
  roots: string[];
}

/**
 * The events of facts, redacted and cut, ready to leave; none at level `off`. `start`: the session has to be told first,
 * with what is configured now.
 */
export async function tellFacts(
  facts: readonly Fact[],
  start: SessionStart | null,
  { around, context, roots }: Telling,
): Promise<CapsuleEvent[]> {
  if (around.level === 'off') return [];
  const events = await buildEvents(facts, { around, context, roots });
  if (start !== null) {
    events.unshift(buildSessionStarted(await context.inventory(roots), start.time, start.inferred, around));
  }
  const ready: CapsuleEvent[] = [];
  // One after the other: redaction is held to a time limit that others' work must not eat.
  for (const event of events) ready.push(await makeReady(event, context.redact));
  return ready;
}

async function buildEvents(facts: readonly Fact[], { around, context, roots }: Telling): Promise<CapsuleEvent[]> {
  const called = facts.some((fact) => fact.kind === 'tool.invoked' && isMcpTool(fact.body.name));
  const servers = called ? (await context.inventory(roots)).mcpServers : [];
  const names = [...new Set(servers.map((server) => server.name))];
  return facts.map((fact) => buildEvent(fact.kind === 'tool.invoked' ? withServer(fact, names) : fact, around));
}

function withServer(fact: Extract<Fact, { kind: 'tool.invoked' }>, names: readonly string[]): Fact {
  const mcpServer = mcpServerOf(fact.body.name, names);
  if (mcpServer === null) return fact;
  return { ...fact, inferred: [...fact.inferred, 'mcpServer'], body: { ...fact.body, mcpServer } };
}

/** Redacted before it is cut and before anything is hashed: a cut secret is not found, a hashed one can be guessed. */
async function makeReady(event: CapsuleEvent, redact: Redactor): Promise<CapsuleEvent> {
  const { content } = event.source;
  const redacted = content === 'full' ? event : await redact.redactEvent(event);
  return content === 'metadata' ? keepMetadata(redacted) : cutToSize(redacted);
}
