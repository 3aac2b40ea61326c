/** What belongs to no turn as log records: a session's start with its inventory, a gap, a probe. Pure. */
import type { CapsuleEvent, EventOf, Probe } from '../../core/event.ts';
import { type Attribute, int, list, text } from './attributes.ts';
import { AGENT, INFO, PROVIDER, WARN } from './conventions.ts';
import { toMs, toNanos } from './times.ts';

export interface LogRecord {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  /** One line for whoever reads records as lines; whatever is in it is in the attributes, too. */
  body: { stringValue: string };
  eventName: string;
  attributes: Attribute[];
}

/** Told events only; the others are spans. */
export function toLogRecords(events: readonly (CapsuleEvent | Probe)[]): LogRecord[] {
  return events.flatMap((event) => {
    if (event.kind === 'session.started') {
      return [record(event, 'session.start', 'a session of Kiro started', inventory(event))];
    }
    if (event.kind === 'capture.gap') {
      const line = `events of Kiro that were lost: ${event.body.count} (${event.body.reason})`;
      return [record(event, 'kiro.capture.gap', line, gap(event))];
    }
    return event.kind === 'probe' ? [record(event, 'kiro.probe', 'a probe of Capsule for Kiro', [])] : [];
  });
}

function record(event: CapsuleEvent | Probe, eventName: string, line: string, more: Attribute[]): LogRecord {
  const { session, workspace, agent, source } = event;
  const time = toNanos(toMs(event.time));
  const warns = event.kind === 'capture.gap';
  return {
    timeUnixNano: time,
    // When it was read is not known here; what is sent again has to be what was sent.
    observedTimeUnixNano: time,
    severityNumber: warns ? WARN : INFO,
    severityText: warns ? 'WARN' : 'INFO',
    body: { stringValue: line.toWellFormed() },
    eventName,
    attributes: [
      // Receivers that are older than the field know the event by the attribute.
      ...text('event.name', eventName),
      // Log records have no id that one sent again would replace: by this one a backend can tell.
      ...text('log.record.uid', event.id),
      ...text('session.id', session.id),
      ...text('gen_ai.conversation.id', session.id),
      ...text('gen_ai.agent.name', AGENT),
      ...text('gen_ai.agent.version', agent.version),
      ...text('gen_ai.provider.name', PROVIDER),
      ...text('gen_ai.request.model', session.model),
      ...text('kiro.session.title', session.title),
      ...text('kiro.session.mode', session.mode),
      ...text('kiro.session.generation', session.generation),
      ...text('kiro.workspace.id', workspace?.id),
      ...text('kiro.workspace.name', workspace?.name),
      ...text('kiro.workspace.path', workspace?.path),
      ...text('kiro.content.level', source.content),
      ...more,
    ],
  };
}

function inventory({ body }: EventOf<'session.started'>): Attribute[] {
  const { mcpServers, skills, steering, powers, hooks, customAgents, trust, changed = [] } = body;
  return [
    ...named(
      'kiro.mcp.servers',
      mcpServers.map(({ name, commandSha256 }) => ({ name, sha256: commandSha256 ?? '' })),
    ),
    ...named('kiro.skills', skills),
    ...named('kiro.steering', steering),
    ...named('kiro.powers', powers),
    ...named('kiro.hooks', hooks),
    ...named('kiro.custom_agents', customAgents),
    ...list(
      'kiro.trust',
      trust.map(({ kind, effect, pattern }) => `${effect} ${kind} ${pattern}`.trimEnd()),
    ),
    ...list(
      'kiro.inventory.changed',
      changed.map(({ change, what, name }) => `${change} ${what} ${name}`.trimEnd()),
    ),
  ];
}

/** Names, and beside them what each was: the two lists are of one length. */
function named(key: string, items: readonly { name: string; sha256: string }[]): Attribute[] {
  return [
    ...list(
      key,
      items.map(({ name }) => name),
    ),
    ...list(
      `${key}.sha256`,
      items.map(({ sha256 }) => sha256),
    ),
  ];
}

function gap({ body }: EventOf<'capture.gap'>): Attribute[] {
  const { count, firstTime, lastTime, reason } = body;
  return [
    ...int('kiro.gap.count', count),
    ...text('kiro.gap.first_time', firstTime),
    ...text('kiro.gap.last_time', lastTime),
    ...text('kiro.gap.reason', reason),
  ];
}
