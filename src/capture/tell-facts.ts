import type { CapsuleEvent, EventOf } from '../core/event.ts';
import { buildEvent, buildSessionStarted, type Surroundings } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { keepMetadata } from './content-level.ts';
import { cutToSize } from './cut-to-size.ts';
import type { Fact } from './fact.ts';
import { inventoryChanges, printInventory } from './inventory-changes.ts';
import { isMcpTool, mcpServerOf } from './mcp-server-name.ts';
import type { Redactor } from './redact.ts';

/** When a session started; `inferred` names `time` when the moment is not its start but where we came in. */
export interface SessionStart {
  time: string;
  inferred: string[];
  /** It began before it was first seen: what was configured then is not known, only what is now. */
  late?: boolean;
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
  telling: Telling,
): Promise<CapsuleEvent[]> {
  const { around, context } = telling;
  if (around.level === 'off') return [];
  const ready: CapsuleEvent[] = start === null ? [] : [await tellStart(start, telling)];
  // One after the other: redaction is held to a time limit that others' work must not eat.
  for (const event of await buildEvents(facts, telling)) ready.push(shrink(await redacted(event, context.redact)));
  return ready;
}

async function tellStart(start: SessionStart, { around, context, roots }: Telling): Promise<CapsuleEvent> {
  const { time, inferred, late = false } = start;
  const inventory = await context.inventory(roots);
  const all = late ? [...inferred, ...Object.keys(inventory)] : inferred;
  const event = await redacted(buildSessionStarted(inventory, time, all, around), context.redact);
  return shrink(late || event.kind !== 'session.started' ? event : withChanges(event, context));
}

/** What differs from the workspace's last session. The names compared are those that may leave: redacted ones. */
function withChanges(event: EventOf<'session.started'>, { inventories }: CaptureContext): EventOf<'session.started'> {
  const workspace = event.workspace?.id ?? null;
  const [before, now] = [inventories.last(workspace), printInventory(event.body, event.source.content)];
  inventories.note(workspace, now);
  return before === null ? event : { ...event, body: { ...event.body, changed: inventoryChanges(before, now) } };
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

function redacted(event: CapsuleEvent, redact: Redactor): Promise<CapsuleEvent> {
  return event.source.content === 'full' ? Promise.resolve(event) : redact.redactEvent(event);
}

/** After redaction, before anything is hashed: a cut secret is not found, a hashed one can be guessed. */
function shrink(event: CapsuleEvent): CapsuleEvent {
  return event.source.content === 'metadata' ? keepMetadata(event) : cutToSize(event);
}
