import type { Attachment, Json } from '../core/event.ts';
import type { ChatSnapshot } from '../kiro/chat-snapshot-0x.ts';
import { isoTime } from '../kiro/iso-time.ts';
import { textOf } from './content-text.ts';
import { shortHash } from './event-id.ts';
import type { Fact, FactKind, FactOf } from './fact.ts';
import { partRules } from './included-rules-0x.ts';
import { restoreArguments } from './plain-json.ts';
import { NO_TOOL } from './tool-0x.ts';

/** What Kiro writes into the user's messages (kiro/README Z8). */
const SYSTEM_TEXTS = ['identity', 'EnvironmentContext', 'steering-reminder', 'kiro-ide-message'];

/**
 * The facts of a `.chat` snapshot: the last prompt in it and what follows; what stands before belongs to earlier turns, which
 * have snapshots of their own. There are no times but the whole turn's, and no ids: keys are made of the content. Pure.
 */
export function snapshotFacts(snapshot: ChatSnapshot): Fact[] {
  const { executionId, start, end, entries } = snapshot;
  const draft: Draft = { snapshot, facts: [], equals: new Map() };
  const texts = entries.map(({ role, content }) => ({ role, ...ownText(role, textOf(content) ?? '') }));
  const asked = texts.findLastIndex(({ role, text }) => role === 'human' && text !== '');
  const prompt = texts[asked];
  if (prompt !== undefined) {
    // What Kiro put before the question may stand in a message of its own.
    const before = texts.slice(0, asked).findLastIndex(({ role, text }) => role === 'human' && text !== '');
    const attachments = texts.slice(before + 1, asked + 1).flatMap(({ rules }) => rules);
    const body = { text: prompt.text, source: null, attachments };
    tell(draft, { kind: 'prompt.submitted', inferred: ['text'], body }, start);
  }
  const after = texts.slice(asked + 1);
  const results = after.filter(({ role }) => role === 'tool').map(({ text }) => text);
  for (const { role, text } of after) if (role === 'bot') tellAnswer(draft, text, results);
  if (end !== null) tellEnd(draft, executionId, end);
  return draft.facts;
}

interface Draft {
  snapshot: ChatSnapshot;
  facts: Fact[];
  /** How often the same content was told. */
  equals: Map<string, number>;
}

/** What the user typed, and the steering files that Kiro put before it. */
function ownText(role: string, text: string): { text: string; rules: Attachment[] } {
  if (role !== 'human') return { text, rules: [] };
  const { typed, rules } = partRules(SYSTEM_TEXTS.reduce((rest, tag) => cutOut(rest, tag).rest, text));
  return { text: typed, rules };
}

/** A piece of an answer, and the calls in it. Results follow in the order of the calls. */
function tellAnswer(draft: Draft, text: string, results: string[]): void {
  const { end, start } = draft.snapshot;
  const { rest, inner } = cutOut(text, 'tool_use');
  const said = rest.trim();
  if (said !== '') tell(draft, { kind: 'agent.responded', inferred: [], body: { text: said } }, end ?? start);
  for (const call of inner) {
    const [name = 'unknown'] = cutOut(call, 'name').inner;
    const [input = ''] = cutOut(call, 'input').inner;
    const result = results.shift() ?? null;
    const callId = `#${draft.facts.length}`;
    const body = { ...NO_TOOL, callId, name: name.slice(0, 200), arguments: parsed(input), result };
    tell(draft, { kind: 'tool.invoked', inferred: ['result'], body }, end ?? start);
  }
}

function tellEnd(draft: Draft, executionId: string, end: number): void {
  const { start } = draft.snapshot;
  const durationMs = start !== null && end >= start ? end - start : null;
  const of = (kind: FactKind) => draft.facts.filter((fact) => fact.kind === kind).length;
  const counts = {
    prompts: of('prompt.submitted'),
    responses: of('agent.responded'),
    reasonings: 0,
    tools: of('tool.invoked'),
    toolFailures: 0,
  };
  const body = { reason: 'unknown', durationMs, credits: null, contextUsage: null, counts };
  tell(draft, { kind: 'turn.ended', inferred: ['durationMs'], body }, end, executionId);
}

function tell<K extends FactKind>(
  { snapshot, facts, equals }: Draft,
  { kind, inferred, body }: Pick<FactOf<K>, 'kind' | 'inferred' | 'body'>,
  ms: number | null,
  named?: string,
): void {
  const content = shortHash(JSON.stringify([kind, kind === 'tool.invoked' ? { ...body, callId: null } : body]), 32);
  const seen = (equals.get(content) ?? 0) + 1;
  equals.set(content, seen);
  // The mapped union cannot be followed through a type parameter.
  facts.push({
    kind,
    key: named ?? `${content}:${seen}`,
    time: isoTime(ms ?? 0) ?? new Date(0).toISOString(),
    turn: { id: snapshot.executionId, index: null },
    record: null,
    ordinal: (snapshot.start ?? 0) * 1000 + facts.length + 1,
    inferred: kind === 'turn.ended' ? inferred : ['time', ...inferred],
    body,
  } as unknown as Fact);
}

/** A text without the parts between `<tag>` and `</tag>`, and those parts. */
function cutOut(text: string, tag: string): { rest: string; inner: string[] } {
  const [open, close] = [`<${tag}>`, `</${tag}>`];
  const inner: string[] = [];
  let rest = '';
  let from = 0;
  for (let begin = text.indexOf(open); begin >= 0; begin = text.indexOf(open, from)) {
    const end = text.indexOf(close, begin);
    if (end < 0) break;
    rest += text.slice(from, begin);
    inner.push(text.slice(begin + open.length, end));
    from = end + close.length;
  }
  return { rest: rest + text.slice(from), inner };
}

function parsed(input: string): Json {
  try {
    return restoreArguments(JSON.parse(input));
  } catch (error) {
    if (error instanceof SyntaxError) return input;
    throw error;
  }
}
