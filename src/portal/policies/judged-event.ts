import type { CapsuleEvent } from '../../core/event.ts';
import { type Before, type Facts, factsOf } from './facts/facts.ts';

/** What a policy sees as `event`: the event with every field of its kind, the facts, and what matched before. */
export type JudgedEvent = Omit<CapsuleEvent, 'body' | 'truncated'> & {
  truncated: object[];
  body: object;
  facts: Facts;
  /** Ids of the policies that matched this event; only for the steps of sequences. */
  verdicts: string[];
};

/** The event as policies see it. Pure. What an agent left out is there and empty, so that asking for it is no error. */
export function judgedEvent(event: CapsuleEvent, before: Before): JudgedEvent {
  const body = event.kind === 'tool.invoked' ? event.body : { ...TEXTS[event.kind], ...event.body };
  return {
    ...event,
    truncated: event.truncated ?? [],
    body: filled(body),
    facts: factsOf(event, before),
    verdicts: [],
  };
}

const TEXTS: Partial<Record<CapsuleEvent['kind'], object>> = {
  'session.started': { changed: [] },
  'turn.ended': { error: '' },
};

/** A text that was withheld is an empty one to a policy. */
function filled(body: object): object {
  return 'text' in body && body.text === null ? { ...body, text: '' } : body;
}
