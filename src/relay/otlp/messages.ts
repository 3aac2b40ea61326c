/** What was said in a turn, as the conventions' messages. Pure. */
import type { CapsuleEvent, EventOf } from '../../core/event.ts';
import { type Attribute, int, list, text } from './attributes.ts';

export type Message = EventOf<'prompt.submitted'> | EventOf<'agent.responded'> | EventOf<'agent.reasoned'>;

interface Part {
  type: 'text' | 'reasoning';
  content: string;
}

/** What was asked and answered; texts only of events whose content level lets them out. `finish`: how the turn ended. */
export function messageAttributes(said: readonly Message[], finish: string): Attribute[] {
  const prompts = said.filter((each) => each.kind === 'prompt.submitted');
  const answers = said.filter((each) => each.kind !== 'prompt.submitted');
  const input = prompts.flatMap((each) => partsOf(each)).map((part) => ({ role: 'user', parts: [part] }));
  const parts = answers.flatMap(partsOf);
  const output = parts.length === 0 ? [] : [{ role: 'assistant', parts, finish_reason: finish }];
  return [
    ...text('gen_ai.input.messages', input.length === 0 ? null : JSON.stringify(input)),
    ...text('gen_ai.output.messages', output.length === 0 ? null : JSON.stringify(output)),
    ...withheld('kiro.prompt', prompts),
    ...withheld('kiro.response', answers),
  ];
}

/** Whether texts of this event may leave. Those that may not were taken out before; this is the second lock. */
export function mayTell({ source }: Pick<CapsuleEvent, 'source'>): boolean {
  return source.content === 'full' || source.content === 'redacted';
}

function partsOf(event: Message): Part[] {
  const content = event.body.text;
  if (content === null || !mayTell(event)) return [];
  return [{ type: event.kind === 'agent.reasoned' ? 'reasoning' : 'text', content }];
}

/** Length and hash of texts that are not here, or not all of them. */
function withheld(name: string, events: readonly Message[]): Attribute[] {
  const cut = events.flatMap(({ truncated = [] }) => truncated).filter(({ field }) => field === '/body/text');
  if (cut.length === 0) return [];
  return [
    ...int(
      `${name}.length`,
      cut.reduce((sum, { bytes }) => sum + bytes, 0),
    ),
    ...list(
      `${name}.sha256`,
      cut.map(({ sha256 }) => sha256),
    ),
  ];
}
