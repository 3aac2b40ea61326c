import type { ComponentChildren } from 'preact';
import type { ListedEvent } from '../../answers.ts';
import type { StoredDetection } from '../../policies/records.ts';
import { InventoryView } from '../agents/inventory-view.tsx';
import { DetectionBanner } from '../detections/detection-banner.tsx';
import { bytes, counted, credits } from '../format.ts';
import { Icon, type IconName } from '../icon.tsx';
import { eventAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { CapturedText, NoText } from './captured-text.tsx';
import { Duration } from './duration.tsx';
import { countHidden } from './text-parts.ts';
import { ToolCall } from './tool-call.tsx';
import { useWholeEvent, type Whole } from './whole-event.ts';

export const KINDS: Readonly<Record<ListedEvent['kind'], { icon: IconName; label: string }>> = {
  'session.started': { icon: 'session', label: 'Session started' },
  'prompt.submitted': { icon: 'prompt', label: 'Prompt' },
  'agent.responded': { icon: 'response', label: 'Response' },
  'agent.reasoned': { icon: 'reasoning', label: 'Reasoning' },
  'tool.invoked': { icon: 'tool', label: 'Tool' },
  'turn.ended': { icon: 'turn-end', label: 'Turn ended' },
  'capture.gap': { icon: 'gap', label: 'Gap' },
};

interface EventCardProps {
  listed: ListedEvent;
  /** The address names this event. */
  marked: boolean;
  /** What policies found in it. */
  found?: readonly StoredDetection[];
  /** The device of the session; an event of another one says so. */
  device: string;
}

/** One event of a timeline, whatever its kind. */
export function EventCard({ listed, marked, found = [], device }: EventCardProps) {
  const { event, whole } = useWholeEvent(listed);
  const { icon, label } = KINDS[event.kind];
  const hidden = countHidden(textOf(event));
  return (
    <article
      id={`e-${event.id}`}
      class={`event event-${event.kind.replace('.', '-')}${marked ? ' event-marked' : ''}`}
      tabIndex={-1}
      data-failed={event.kind === 'tool.invoked' && event.body.success === false ? '' : undefined}
      data-found={found.length > 0 ? '' : undefined}
      aria-label={label}
    >
      {found.length > 0 && (
        <div class="banners">
          {found.map((detection) => (
            <DetectionBanner key={detection.id} detection={detection} />
          ))}
        </div>
      )}
      <div class="event-kind">
        <Icon name={icon} /> <span>{label}</span>
      </div>
      <div class="event-body">
        <Body event={event} whole={whole} />
        {hidden > 0 && <p class="cut warn">{counted(hidden, 'hidden character')}, drawn as boxes</p>}
        {event.device.id !== device && <p class="cut warn">Sent by another device: {event.device.id}</p>}
      </div>
      <a class="event-time" href={eventAddress(event.id)}>
        <span class="hidden-words">Link to the event of </span>
        <Time iso={event.time} clock />
      </a>
    </article>
  );
}

function Body({ event, whole }: { event: ListedEvent; whole: Whole }): ComponentChildren {
  switch (event.kind) {
    case 'session.started':
      return (
        <details>
          <summary>{inventoryWords(event.body)}</summary>
          <InventoryView inventory={event.body} />
        </details>
      );
    case 'prompt.submitted':
      return (
        <>
          <Text event={event} text={event.body.text} whole={whole} />
          {event.body.source === 'steer' && <p class="meta">Typed while the agent was working</p>}
          <Attachments attachments={event.body.attachments} />
        </>
      );
    case 'agent.responded':
      return <Text event={event} text={event.body.text} whole={whole} />;
    case 'agent.reasoned':
      return <Reasoning event={event} whole={whole} />;
    case 'tool.invoked':
      return <ToolCall event={event} whole={whole} />;
    case 'turn.ended':
      return <TurnEnd event={event} />;
    case 'capture.gap':
      return <Gap event={event} />;
  }
}

type EventOfKind<K extends ListedEvent['kind']> = Extract<ListedEvent, { kind: K }>;

const Text = ({ event, text, whole }: { event: ListedEvent; text: string | null; whole: Whole }) =>
  text === null ? (
    <NoText event={event} field="/body/text" />
  ) : (
    <CapturedText text={text} field="/body/text" event={event} whole={whole} />
  );

function Reasoning({ event, whole }: { event: EventOfKind<'agent.reasoned'>; whole: Whole }) {
  const { text, withheld } = event.body;
  if (text === null && withheld) return <p class="no-text">Withheld: Kiro does not keep the text of this reasoning.</p>;
  if (text === null) return <NoText event={event} field="/body/text" />;
  return (
    <details>
      <summary>
        <span class="one-line">{text.trim().split('\n', 1)[0]}</span>
      </summary>
      <CapturedText text={text} field="/body/text" event={event} whole={whole} />
    </details>
  );
}

const Attachments = ({ attachments }: { attachments: EventOfKind<'prompt.submitted'>['body']['attachments'] }) =>
  attachments.length === 0 ? null : (
    <ul class="attachments" aria-label="Attachments">
      {attachments.map(({ name, type, bytes: size }, index) => (
        <li key={index} class="tag">
          <bdi>{name ?? 'unnamed'}</bdi> {type}
          {size !== null && `, ${bytes(size)}`}
        </li>
      ))}
    </ul>
  );

function TurnEnd({ event }: { event: EventOfKind<'turn.ended'> }) {
  const { reason, durationMs, credits: spent, contextUsage, error } = event.body;
  return (
    <p class="line">
      <span class={reason === 'end_turn' ? '' : 'bad'}>{reason}</span>
      {durationMs !== null && (
        <span>
          <Duration ms={durationMs} inferred={event.source.inferred.includes('durationMs')} />
        </span>
      )}
      {spent !== null && <span>{credits(spent)} credits</span>}
      {contextUsage !== null && <span>{Math.round(contextUsage)} % of the context used</span>}
      {error !== undefined && <span class="bad">{error}</span>}
    </p>
  );
}

function Gap({ event }: { event: EventOfKind<'capture.gap'> }) {
  const { count, firstTime, lastTime, reason } = event.body;
  return (
    <p>
      {count === null ? 'An unknown number of events was' : counted(count, 'event was', 'events were')} lost on the
      developer's machine: {reason}. The first was of <Time iso={firstTime} />, the last of <Time iso={lastTime} />.
    </p>
  );
}

const inventoryWords = ({ mcpServers, skills, steering, hooks }: EventOfKind<'session.started'>['body']): string =>
  [
    counted(mcpServers.length, 'MCP server'),
    counted(skills.length, 'skill'),
    counted(steering.length, 'steering file'),
    counted(hooks.length, 'hook'),
  ].join(' · ');

function textOf(event: ListedEvent): string {
  if (event.kind === 'tool.invoked') return JSON.stringify([event.body.arguments, event.body.result]);
  return 'text' in event.body ? (event.body.text ?? '') : '';
}
