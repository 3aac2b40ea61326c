/** An event in one line, by its kind. Pure. */
import type { ListedEvent } from '../../answers.ts';
import { counted } from '../format.ts';
import { mainArgument, outcomeOf, toolName } from '../timeline/tool-summary.ts';

export interface EventLine {
  /** In mono before the rest: a tool's name. */
  name?: string;
  text: string;
  result?: { words: string; bad: boolean };
  durationMs: number | null;
}

const LENGTH = 160;

/** What stands in a list for an event. */
export function eventLine(event: ListedEvent): EventLine {
  switch (event.kind) {
    case 'tool.invoked': {
      const { words, outcome } = outcomeOf(event.body);
      return {
        name: toolName(event.body),
        text: mainArgument(event.body, event.workspace?.path ?? null) ?? '',
        result: { words, bad: outcome === 'bad' },
        durationMs: event.body.durationMs,
      };
    }
    case 'turn.ended': {
      const { reason, durationMs, error } = event.body;
      return { text: error ?? '', result: { words: reason, bad: reason !== 'end_turn' }, durationMs };
    }
    case 'session.started':
      return {
        text: `${counted(event.body.mcpServers.length, 'MCP server')} · ${counted(event.body.skills.length, 'skill')} · ${counted(event.body.steering.length, 'steering file')}`,
        durationMs: null,
      };
    case 'capture.gap':
      return {
        text: `${event.body.count === null ? 'An unknown number of events' : counted(event.body.count, 'event')} lost: ${event.body.reason}`,
        durationMs: null,
      };
    case 'agent.reasoned':
      return { text: event.body.text === null ? textless(event) : firstLine(event.body.text), durationMs: null };
    default:
      return { text: event.body.text === null ? textless(event) : firstLine(event.body.text), durationMs: null };
  }
}

const textless = (event: ListedEvent): string =>
  event.kind === 'agent.reasoned' && event.body.withheld
    ? 'Withheld: Kiro does not keep the text'
    : event.source.content === 'metadata'
      ? 'Text not collected'
      : 'No text is recorded';

function firstLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= LENGTH ? line : `${line.slice(0, LENGTH)}…`;
}
