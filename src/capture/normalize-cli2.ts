import type { Attachment, TurnRef } from '../core/event.ts';
import { type CliMessage, type CliRecord, isMessage } from '../kiro/records-cli2.ts';
import { type CliDraft, type CliPlace, provenanceCli, tellCli } from './draft-cli2.ts';
import { dropAnswered, takeCallCli, takeResultCli } from './tools-cli2.ts';
import { beginTurnCli, endTurnCli, leaveTurnCli } from './turns-cli2.ts';

/**
 * One record of a CLI conversation: moves the draft's state on and adds the facts that are now complete. A message that
 * came before (a rewind writes them again, kiro/README C3) tells nothing.
 */
export function reduceCli(draft: CliDraft, record: CliRecord, place: CliPlace): void {
  if (record.kind === 'unknown') draft.unknown.push(record.name);
  else if (record.kind === 'cancelled') cancelPrompt(draft);
  else if (record.kind === 'reset' || record.kind === 'clear') leaveTurnCli(draft);
  else if (isMessage(record)) takeMessage(draft, record, place);
  // A compaction is Kiro's text for itself; the messages it keeps were told when they came.
}

function takeMessage(draft: CliDraft, message: CliMessage, place: CliPlace): void {
  const { state, seen } = draft;
  if (seen.has(message.id)) {
    if (message.kind === 'prompt') windBackTo(draft, message.id);
    return;
  }
  seen.add(message.id);
  if (message.kind === 'prompt') takePrompt(draft, message, place, 0);
  else if (message.kind === 'assistant') takeAnswer(draft, message, place);
  else takeResults(draft, message, place);
  if (message.time !== null) state.lastTime = message.time;
}

/** A prompt that comes again is where the conversation was wound back to. */
export function windBackTo(draft: CliDraft, prompt: string): void {
  const { state } = draft;
  if (prompt === state.turn?.id) return;
  leaveTurnCli(draft);
  state.replayed = state.ended.find((turn) => turn.id === prompt) ?? { id: prompt, index: null };
}

function takePrompt(draft: CliDraft, message: CliMessage, place: CliPlace, at: number): void {
  leaveTurnCli(draft);
  const turn = beginTurnCli(draft, message);
  const texts = message.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []));
  tellCli(draft, {
    kind: 'prompt.submitted',
    key: message.id,
    turn,
    ...provenanceCli(draft, message, place, at),
    body: {
      text: texts.length === 0 ? null : texts.join('\n'),
      source: null,
      attachments: message.blocks.flatMap((block): Attachment[] =>
        block.type === 'image' ? [{ name: null, type: block.format ?? 'image', bytes: block.bytes }] : [],
      ),
    },
  });
  countUnknown(draft, message);
}

function takeAnswer(draft: CliDraft, message: CliMessage, place: CliPlace): void {
  const turn = currentTurn(draft);
  const nth = { text: 0, thinking: 0 };
  const keyOf = (type: 'text' | 'thinking') => {
    nth[type] += 1;
    return nth[type] === 1 ? message.id : `${message.id}:${nth[type]}`;
  };
  for (const [at, block] of message.blocks.entries()) {
    const common = () => ({ turn, ...provenanceCli(draft, message, place, at) });
    if (block.type === 'toolUse') takeCallCli(draft, message, block, { place, at, turn });
    // Kiro writes an empty text beside each tool call.
    if (block.type === 'text' && block.text !== '') {
      tellCli(draft, { kind: 'agent.responded', key: keyOf('text'), ...common(), body: { text: block.text } });
    }
    if (block.type === 'thinking') {
      const body = { text: block.text, withheld: block.text === null };
      tellCli(draft, { kind: 'agent.reasoned', key: keyOf('thinking'), ...common(), body });
    }
  }
  countUnknown(draft, message);
}

function takeResults(draft: CliDraft, message: CliMessage, place: CliPlace): void {
  for (const [at, block] of message.blocks.entries()) {
    if (block.type === 'toolResult') takeResultCli(draft, message, block, { place, at, turn: currentTurn(draft) });
  }
  countUnknown(draft, message);
  const at = message.blocks.findIndex((block) => block.type === 'text' && block.text !== '');
  if (at < 0) return;
  // The user cancelled the calls by saying something else (kiro/README C7).
  if (draft.exported) takePrompt(draft, { ...message, time: null }, place, at);
  else draft.unknown.push('ToolResults text');
}

function currentTurn({ state }: CliDraft): TurnRef | null {
  return state.turn === null ? state.replayed : { id: state.turn.id, index: state.turn.index };
}

function countUnknown({ unknown }: CliDraft, { blocks }: CliMessage): void {
  for (const block of blocks) if (block.type === 'unknown') unknown.push(block.name);
}

/** Kiro takes the last prompt out of the conversation again; it was submitted all the same. */
function cancelPrompt(draft: CliDraft): void {
  if (draft.state.turn === null) return;
  endTurnCli(draft, { ...NO_END, reason: 'cancelled', inferred: ['reason'] });
}

const NO_END = {
  messageIds: [],
  endedAt: null,
  durationMs: null,
  credits: null,
  contextUsage: null,
  error: null,
} as const;

/** Passes over a message that was told from elsewhere: what it leaves open is known, what it answered is done with. */
export function passOverCli(draft: CliDraft, record: CliRecord, place: CliPlace): void {
  if (!isMessage(record)) return;
  const { state, seen } = draft;
  seen.add(record.id);
  for (const [at, block] of record.blocks.entries()) {
    if (block.type === 'toolUse') takeCallCli(draft, record, block, { place, at, turn: null });
    else if (block.type === 'toolResult') dropAnswered(draft, block.callId);
  }
  if (record.time !== null) state.lastTime = record.time;
}
