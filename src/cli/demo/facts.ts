/**
 * Which facts a record holds, counted straight from Kiro's lines: a second, much simpler opinion than capture's, so that the
 * demo does not check capture against itself. Pure.
 */
import type { CapsuleEvent } from '../../core/event.ts';
import type { DemoRecord, DemoTurn } from './script.ts';

/** Names one fact, the same from Kiro's side as from the portal's. */
export type FactName = string;

/** What the portal must hold of this turn, each once. */
export function factsOfTurn({ before, after }: DemoTurn): FactName[] {
  return [...before, ...after].flatMap(factOfRecord);
}

function factOfRecord({ id, payload }: DemoRecord): FactName[] {
  switch (payload.type) {
    case 'user':
      return [`prompt.submitted ${id}`];
    case 'assistant':
      if (payload.operationType === 'Reasoning') return [`agent.reasoned ${id}`];
      // A summary is what compaction wrote for the model, not an answer.
      return payload.operationType === 'Summary' ? [] : [`agent.responded ${id}`];
    case 'tool_result':
      return [`tool.invoked ${payload.toolCallId}`];
    case 'turn_end':
      return [`turn.ended ${payload.executionId}`];
    default:
      return [];
  }
}

/** The name of the fact that an event tells. */
export function factOfEvent(event: CapsuleEvent): FactName {
  if (event.kind === 'session.started') return `session.started ${event.session.id}`;
  if (event.kind === 'tool.invoked') return `tool.invoked ${event.body.callId}`;
  if (event.kind === 'turn.ended') return `turn.ended ${event.turn?.id}`;
  return `${event.kind} ${event.source.record}`;
}

export interface Comparison {
  missing: FactName[];
  /** Facts that stand in the portal more than once, or that no record holds. */
  surplus: FactName[];
}

/** What did not arrive, and what arrived without being expected. */
export function compareFacts(expected: readonly FactName[], arrived: readonly FactName[]): Comparison {
  const left = [...arrived];
  const missing = expected.filter((fact) => {
    const at = left.indexOf(fact);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { missing, surplus: left };
}
