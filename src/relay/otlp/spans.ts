/** Events of turns as spans: a turn is `invoke_agent`, what was said in it `chat`, each tool's call `execute_tool`. Pure. */
import type { CapsuleEvent, EventOf, Json } from '../../core/event.ts';
import { type Attribute, double, int, list, text } from './attributes.ts';
import { AGENT, CLIENT, FAILED, INTERNAL, PROVIDER, UNSET } from './conventions.ts';
import { rootSpanIdOf, spanIdOf, type Told, traceIdOf } from './ids.ts';
import { type Message, mayTell, messageAttributes } from './messages.ts';
import { between, toMs, toNanos } from './times.ts';

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number };
  /** Always empty. The protocol lets them be left out, but there are receivers that only know spans that have them. */
  events: never[];
  links: never[];
}

const NOTHING_MORE = { events: [], links: [] };

/** What was said in one turn is told by one `chat`, because Kiro does not record which call of a model said what. */
export function toSpans(events: readonly CapsuleEvent[]): Span[] {
  const turns = Map.groupBy(events, traceIdOf);
  return [...turns.values()].flatMap((turn) => {
    const end = turn.find((each) => each.kind === 'turn.ended');
    const finish = end === undefined ? 'unknown' : finishOf(end);
    const speakers = Map.groupBy(turn.filter(isMessage), (said) => subAgentOf(said)?.id ?? '');
    return [
      ...(end === undefined ? [] : [turnSpan(end, speakers.get('') ?? [])]),
      ...[...speakers.values()].map((said) => chatSpan(said, finish)),
      ...turn.filter((each) => each.kind === 'tool.invoked').map(toolSpan),
    ];
  });
}

function isMessage(event: CapsuleEvent): event is Message {
  return event.kind === 'prompt.submitted' || event.kind === 'agent.responded' || event.kind === 'agent.reasoned';
}

function subAgentOf(event: CapsuleEvent) {
  return 'subAgent' in event.body ? (event.body.subAgent ?? null) : null;
}

/** As the conventions name it, where they do. */
function finishOf({ body }: EventOf<'turn.ended'>): string {
  return body.reason === 'end_turn' ? 'stop' : body.reason;
}

function turnSpan(end: EventOf<'turn.ended'>, said: readonly Message[]): Span {
  const { reason, credits, contextUsage, counts, durationMs, error } = end.body;
  const first = Math.min(...said.map(({ time }) => toMs(time) ?? Number.POSITIVE_INFINITY));
  const spell = between({ startedAt: null, endedAt: end.time, durationMs }, end.time);
  const start = durationMs === null ? Math.min(first, spell.end) : spell.start;
  const failed = reason === 'error';
  return {
    traceId: traceIdOf(end),
    spanId: rootSpanIdOf(end),
    name: `invoke_agent ${AGENT}`,
    kind: INTERNAL,
    startTimeUnixNano: toNanos(start),
    endTimeUnixNano: toNanos(spell.end),
    attributes: [
      ...text('gen_ai.operation.name', 'invoke_agent'),
      ...text('gen_ai.request.model', end.session.model),
      ...about(end),
      ...list('gen_ai.response.finish_reasons', [finishOf(end)]),
      ...messageAttributes(said, finishOf(end)),
      ...text('error.type', failed ? '_OTHER' : null),
      ...text('kiro.turn.reason', reason),
      ...text('kiro.turn.error', mayTell(end) ? error : null),
      ...double('kiro.usage.credits', credits),
      ...double('kiro.usage.context_percent', contextUsage),
      ...int('kiro.turn.prompts', counts.prompts),
      ...int('kiro.turn.responses', counts.responses),
      ...int('kiro.turn.tools', counts.tools),
      ...int('kiro.turn.tool_failures', counts.toolFailures),
      ...text('kiro.event.id', end.id),
    ],
    status: { code: failed ? FAILED : UNSET },
    ...NOTHING_MORE,
  };
}

function chatSpan(said: readonly Message[], finish: string): Span {
  const [first] = said;
  if (first === undefined) throw new TypeError('a chat of nobody');
  const times = said.map(({ time }) => toMs(time) ?? 0);
  const model = first.session.model;
  const sub = subAgentOf(first);
  return {
    traceId: traceIdOf(first),
    spanId: spanIdOf(first),
    ...parentOf(first),
    name: model === null ? 'chat' : `chat ${model.toWellFormed()}`,
    kind: CLIENT,
    startTimeUnixNano: toNanos(Math.min(...times)),
    endTimeUnixNano: toNanos(Math.max(...times)),
    attributes: [
      ...text('gen_ai.operation.name', 'chat'),
      ...text('gen_ai.request.model', model),
      ...about(first, sub),
      ...list('gen_ai.response.finish_reasons', finish === 'unknown' ? [] : [finish]),
      ...messageAttributes(said, finish),
      ...list(
        'kiro.event.ids',
        said.map(({ id }) => id),
      ),
    ],
    status: { code: UNSET },
    ...NOTHING_MORE,
  };
}

function toolSpan(call: EventOf<'tool.invoked'>): Span {
  const { body } = call;
  const { start, end } = between(body, call.time);
  const failed = body.success === false;
  const tell = (value: Json) => (value === null || !mayTell(call) ? null : asText(value));
  return {
    traceId: traceIdOf(call),
    spanId: spanIdOf(call),
    ...parentOf(call),
    name: `execute_tool ${body.name.toWellFormed()}`,
    kind: INTERNAL,
    startTimeUnixNano: toNanos(start),
    endTimeUnixNano: toNanos(end),
    attributes: [
      ...text('gen_ai.operation.name', 'execute_tool'),
      ...text('gen_ai.tool.name', body.name),
      ...text('gen_ai.tool.call.id', body.callId),
      ...text('gen_ai.tool.type', 'function'),
      ...text('gen_ai.tool.call.arguments', tell(body.arguments)),
      ...text('gen_ai.tool.call.result', tell(body.result)),
      ...about(call, body.subAgent),
      ...text('error.type', failed ? '_OTHER' : null),
      ...int('process.exit.code', body.exitCode),
      ...text('mcp.method.name', body.mcpServer === null ? null : 'tools/call'),
      ...text('kiro.mcp.server', body.mcpServer),
      ...text('kiro.tool.kind', body.kind),
      ...text('kiro.tool.approval', body.approval),
      ...text('kiro.event.id', call.id),
    ],
    status: { code: failed ? FAILED : UNSET },
    ...NOTHING_MORE,
  };
}

/** The conventions want objects as JSON where an attribute cannot be one. */
function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was said outside of any turn has no span above it. */
export function parentOf(event: Told): { parentSpanId?: string } {
  return event.turn === null ? {} : { parentSpanId: rootSpanIdOf(event) };
}

/**
 * On every span: backends group by them, whatever the conventions ask for where. The model is not: backends count whatever names
 * one as a request to it.
 */
function about(event: CapsuleEvent, sub: { id: string; name: string | null } | null = null): Attribute[] {
  const { session, turn, workspace, agent, source, truncated = [] } = event;
  return [
    ...text('gen_ai.provider.name', PROVIDER),
    ...text('gen_ai.conversation.id', session.id),
    ...text('session.id', session.id),
    ...text('gen_ai.agent.name', sub === null ? AGENT : sub.name),
    ...text('gen_ai.agent.id', sub?.id),
    ...text('gen_ai.agent.version', sub === null ? agent.version : null),
    ...text('kiro.session.mode', session.mode),
    ...text('kiro.session.generation', session.generation),
    ...text('kiro.turn.id', turn?.id),
    ...int('kiro.turn.index', turn?.index),
    ...text('kiro.workspace.id', workspace?.id),
    ...text('kiro.workspace.name', workspace?.name),
    ...text('kiro.workspace.path', workspace?.path),
    ...text('kiro.content.level', source.content),
    ...list(
      'kiro.content.cut',
      truncated.map(({ field }) => field),
    ),
  ];
}
