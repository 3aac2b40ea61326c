import type { CapsuleEvent, Json } from '../core/event.ts';

/** What can be searched of an event, by what it is to a reader. */
export interface SearchTexts {
  prompt: string;
  response: string;
  arguments: string;
  result: string;
}

/** The texts of an event that its index is made of. Names of JSON fields are none. */
export function searchTexts(event: CapsuleEvent): SearchTexts {
  const texts: SearchTexts = { prompt: '', response: '', arguments: '', result: '' };
  switch (event.kind) {
    case 'prompt.submitted':
      texts.prompt = event.body.text ?? '';
      texts.arguments = event.body.attachments.map(({ name }) => name ?? '').join('\n');
      break;
    case 'agent.responded':
    case 'agent.reasoned':
      texts.response = event.body.text ?? '';
      break;
    case 'tool.invoked':
      texts.arguments = [event.body.mcpServer ?? '', event.body.name, ...stringsIn(event.body.arguments)].join('\n');
      texts.result = stringsIn(event.body.result).join('\n');
      break;
    case 'turn.ended':
      texts.result = event.body.error ?? '';
      break;
    case 'session.started':
      texts.arguments = stringsIn(event.body as unknown as Json).join('\n');
      break;
    case 'capture.gap':
      texts.result = event.body.reason;
  }
  return texts;
}

function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
