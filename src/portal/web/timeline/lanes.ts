/** Which events of a turn belong to which sub-agent. Pure. */
import type { SubAgentRef } from '../../../core/event.ts';
import type { ListedEvent } from '../../answers.ts';

export interface Lane {
  subAgent: SubAgentRef;
  events: ListedEvent[];
}

/**
 * A turn's events in order, with everything that a sub-agent did in one place: behind the call that started it, else where the
 * first of it stands. Nothing is lost and nothing is shown twice.
 */
export function laneBy(events: readonly ListedEvent[]): (ListedEvent | Lane)[] {
  const lanes = new Map<string, Lane>();
  const items: (ListedEvent | Lane)[] = [];
  const laneOf = (subAgent: SubAgentRef): Lane => {
    const lane = lanes.get(subAgent.id) ?? { subAgent, events: [] };
    if (!lanes.has(subAgent.id)) {
      lanes.set(subAgent.id, lane);
      items.push(lane);
    }
    return lane;
  };
  for (const event of events) {
    const subAgent = subAgentOf(event);
    if (subAgent === null) items.push(event);
    else if (isStart(event)) {
      items.push(event);
      laneOf(subAgent);
    } else laneOf(subAgent).events.push(event);
  }
  return items.filter((item) => !('events' in item) || item.events.length > 0);
}

function subAgentOf(event: ListedEvent): SubAgentRef | null {
  return 'subAgent' in event.body ? (event.body.subAgent ?? null) : null;
}

/** The call by which an agent starts another is its own; what the other does names the same run. */
const isStart = (event: ListedEvent): boolean => event.kind === 'tool.invoked' && /sub_?agent/i.test(event.body.name);

/** The sub-agents whose time runs into that of this one. */
export function besideOf(lane: Lane, items: readonly (ListedEvent | Lane)[]): SubAgentRef[] {
  const [from, to] = spanOf(lane);
  return items.flatMap((other) => {
    if (!('events' in other) || other === lane) return [];
    const [start, end] = spanOf(other);
    return start < to && end > from ? [other.subAgent] : [];
  });
}

function spanOf({ events }: Lane): [from: number, to: number] {
  const times = events.map(({ time }) => Date.parse(time));
  return [Math.min(...times), Math.max(...times)];
}

/** `reviewer`, or its id where Kiro gives it no name. */
export const subAgentName = ({ id, name }: SubAgentRef): string => name ?? id;
