import type { ComponentChildren } from 'preact';
import type { SubAgentRef } from '../../../core/event.ts';
import { counted, duration, number } from '../format.ts';
import { type Lane, subAgentName } from './lanes.ts';
import { outcomeOf } from './tool-summary.ts';

interface LaneProps {
  lane: Lane;
  /** Those that ran at the same time. */
  beside: readonly SubAgentRef[];
  open: boolean;
  children: ComponentChildren;
}

/** What one sub-agent did, in one place whatever else happened meanwhile. */
export function SubAgentLane({ lane: { subAgent, events }, beside, open, children }: LaneProps) {
  const failures = events.filter((event) => event.kind === 'tool.invoked' && outcomeOf(event.body).outcome === 'bad');
  const times = events.map(({ time }) => Date.parse(time));
  return (
    <details class="lane" id={laneId(subAgent)} open={open}>
      <summary>
        Sub-agent <bdi>{subAgentName(subAgent)}</bdi>{' '}
        <span class="meta">
          {counted(events.length, 'event')} · {duration(Math.max(...times) - Math.min(...times))}
          {failures.length > 0 && <span class="bad"> · {number(failures.length)} ✕</span>}
        </span>
      </summary>
      {beside.length > 0 && (
        <p class="meta">
          At the same time as{' '}
          {beside.map((other, at) => (
            <>
              {at > 0 && ', '}
              <a href={`#${laneId(other)}`}>{subAgentName(other)}</a>
            </>
          ))}
        </p>
      )}
      {children}
    </details>
  );
}

const laneId = ({ id }: SubAgentRef): string => `sub-agent-${id}`;
