import type { HistoryEntry } from '../kiro/session-file-0x.ts';
import { textOf } from './content-text.ts';
import { shortHash } from './event-id.ts';
import type { Fact, FactKind, FactOf } from './fact.ts';
import { describePrompt, isTyped } from './prompt-0x.ts';

/** An entry of a chat's history that an execution may tell better: a prompt, or an answer that is not Kiro's stub. */
export interface HistoryItem {
  /** Names it within the chat: of Kiro's id, else of the content and its ordinal among equals. */
  mark: string;
  entry: HistoryEntry;
  /** What was said. */
  text: string | null;
  /** The executions that tell it if they are there: an answer's own, a prompt's those of its answers. */
  executions: string[];
  /** All executions that answers to the same prompt name. */
  turn: string[];
  /** Its place in the history. */
  at: number;
}

/** Kiro's answer in a chat's history where an execution holds the real one (kiro/README Z5). */
const STUB = 'On it.';

/** The prompts and answers in a chat's history, in its order; without Kiro's own prompts, stubs and tools' messages. Pure. */
export function itemsOf(history: readonly HistoryEntry[]): HistoryItem[] {
  const items: HistoryItem[] = [];
  const marks = new Map<string, number>();
  let prompt: HistoryItem | null = null;
  let turn: string[] = [];
  for (const [at, entry] of history.entries()) {
    const isUsers = entry.role === 'user';
    if (isUsers) {
      prompt = null;
      turn = [];
    } else if (entry.executionId !== null) {
      prompt?.executions.push(entry.executionId);
      turn.push(entry.executionId);
    }
    const said = saidIn(entry);
    if (said === null) continue;
    const executions = entry.executionId === null ? [] : [entry.executionId];
    const item = { mark: markOf(entry, marks), entry, text: said.text, executions, turn, at };
    if (isUsers) prompt = item;
    items.push(item);
  }
  return items;
}

/** What an entry tells; null when that is nothing. */
function saidIn(entry: HistoryEntry): { text: string | null } | null {
  if (entry.role === 'user') return isTyped(entry) ? { text: textOf(entry.content) } : null;
  const text = entry.role === 'assistant' && !entry.hidden ? answerOf(entry) : null;
  return text === null ? null : { text };
}

function markOf({ role, id, content }: HistoryEntry, marks: Map<string, number>): string {
  const named = shortHash(JSON.stringify([role, id ?? content ?? null]), MARK);
  const ordinal = (marks.get(named) ?? 0) + 1;
  marks.set(named, ordinal);
  return ordinal === 1 ? named : `${named}:${ordinal}`;
}

const MARK = 12;

/** Of builds that kept the model's words beside the stub, these. */
function answerOf({ content, completions }: HistoryEntry): string | null {
  const text = textOf(content);
  if (text !== null && text.trim() !== '' && text.trim() !== STUB) return text;
  const said = completions.filter((completion) => completion.trim() !== '');
  return said.length === 0 ? null : said.join('\n');
}

/** How long an entry waits for an execution that tells it. */
const WAIT_MS = 10 * 60_000;

/** Whether an entry that waits since then (both in ms) waits no longer. */
export function isReady(since: number, now: number): boolean {
  return now - since >= WAIT_MS;
}

/** What a chat's history tells of its own, and when that was at the latest. */
export interface ToldItem {
  item: HistoryItem;
  /** In ms: when the file that holds it was first seen, or just before the next turn that is known. */
  ms: number;
}

/**
 * The facts of entries that no execution tells. An execution that one of them names and that comes later after all tells its
 * prompt under the same key. There are no times in a history, and no end of a turn. Pure.
 */
export function historyFacts(told: readonly ToldItem[]): Fact[] {
  const keys = new Set<string>();
  return told.map(({ item, ms }) => {
    const { entry, mark, text, executions, at } = item;
    const [execution = null] = executions;
    const isPrompt = entry.role === 'user';
    const own = `message ${entry.id === null ? `#${mark}` : `${entry.id}${mark.slice(MARK)}`}`;
    const shared = isPrompt && execution !== null && !keys.has(execution) ? execution : own;
    keys.add(shared);
    const kind: FactKind = isPrompt ? 'prompt.submitted' : 'agent.responded';
    const body: FactOf<'prompt.submitted'>['body'] | FactOf<'agent.responded'>['body'] = isPrompt
      ? { text, source: null, attachments: describePrompt(entry) }
      : { text };
    // The mapped union cannot be followed through a union of kinds.
    return {
      kind,
      key: shared,
      time: new Date(ms).toISOString(),
      turn: execution === null ? null : { id: execution, index: null },
      record: entry.id,
      ordinal: ms * ORDINALS_PER_MS + Math.min(at + 1, ORDINALS_PER_MS - 1),
      inferred: ['time'],
      body,
    } as unknown as Fact;
  });
}

const ORDINALS_PER_MS = 1000;

/**
 * The facts of an execution without what its chat's history told of it before it appeared: `early` are the marks of the
 * entries that were. An entry belongs to the execution that it names, a prompt without any to the one with its text. Pure.
 */
export function withoutEarly(
  facts: readonly Fact[],
  executionId: string,
  history: readonly HistoryEntry[],
  early: readonly string[],
): Fact[] {
  if (early.length === 0) return [...facts];
  const known = new Set(early);
  const items = itemsOf(history).filter(
    ({ mark, executions }) => known.has(mark) && (executions.length === 0 || executions.includes(executionId)),
  );
  const named = items.some(({ entry, executions }) => entry.role === 'user' && executions.includes(executionId));
  return facts.filter((fact) => {
    if (fact.kind === 'prompt.submitted') {
      return !named && !items.some(({ entry, text }) => entry.role === 'user' && text === fact.body.text);
    }
    if (fact.kind !== 'agent.responded') return true;
    return !items.some(({ entry, text }) => entry.role === 'assistant' && text === fact.body.text);
  });
}
