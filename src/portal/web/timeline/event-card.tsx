import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Json } from '../../../core/event.ts';
import type { ListedEvent } from '../../answers.ts';
import type { StoredDetection } from '../../policies/records.ts';
import { InventoryView } from '../agents/inventory-view.tsx';
import { DetectionBanner } from '../detections/detection-banner.tsx';
import { bytes, counted, credits } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useMay } from '../me.ts';
import { eventAddress, testAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { CapturedText, NoText } from './captured-text.tsx';
import { CopyLink } from './copy-link.tsx';
import { Duration } from './duration.tsx';
import { Inspect } from './inspect.tsx';
import { KINDS } from './kinds.ts';
import { countHidden, countStyles } from './text-parts.ts';
import { ToolCall } from './tool-call.tsx';
import { outcomeOf, toolName } from './tool-summary.ts';
import { useWholeEvent, type Whole } from './whole-event.ts';

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
  const text = textOf(event);
  const mayTest = useMay('analyst');
  const [inspected, setInspected] = useState(false);
  const styles = countStyles(text);
  const hidden = countHidden(text) - styles;
  return (
    <article
      id={`e-${event.id}`}
      class={`event event-${event.kind.replace('.', '-')}${marked ? ' event-marked' : ''}`}
      tabIndex={-1}
      data-failed={event.kind === 'tool.invoked' && outcomeOf(event.body).outcome === 'bad' ? '' : undefined}
      data-found={found.length > 0 ? '' : undefined}
      aria-label={nameOf(event)}
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
        {styles > 0 && <p class="cut">{counted(styles, 'colour code')} of a terminal left out</p>}
        {event.device.id !== device && <p class="cut warn">Sent by another device: {event.device.id}</p>}
        {inspected && <Inspect listed={listed} />}
      </div>
      <div class="event-time">
        <a href={eventAddress(event.id)}>
          <span class="hidden-words">Link to the event of </span>
          <Time iso={event.time} clock />
        </a>
        <CopyLink address={eventAddress(event.id)} />
        <button
          type="button"
          class="quiet inspect-button"
          aria-pressed={inspected}
          aria-label="Facts and JSON of this event"
          title="Facts and JSON (r)"
          onClick={() => setInspected(!inspected)}
        >
          {'{ }'}
        </button>
        {mayTest && (
          <a
            class="icon-link"
            href={testAddress('new', event.id)}
            aria-label="Test a policy on this event"
            title="Test a policy on this event"
          >
            <Icon name="policies" />
          </a>
        )}
      </div>
    </article>
  );
}

/** What a screen reader says of it among its neighbours. */
function nameOf(event: ListedEvent): string {
  const { label } = KINDS[event.kind];
  return event.kind === 'tool.invoked' ? `${label} ${toolName(event.body)}, ${outcomeOf(event.body).words}` : label;
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
      return <Text event={event} text={event.body.text} whole={whole} as="markdown" />;
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

interface TextProps {
  event: ListedEvent;
  text: string | null;
  whole: Whole;
  as?: 'text' | 'markdown';
}

const Text = ({ event, text, whole, as = 'text' }: TextProps) =>
  text === null ? (
    <NoText event={event} field="/body/text" />
  ) : (
    <CapturedText text={text} field="/body/text" event={event} whole={whole} as={as} />
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
      <CapturedText text={text} field="/body/text" event={event} whole={whole} as="markdown" />
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

/** Everything of it that is drawn as text. */
function textOf(event: ListedEvent): string {
  if (event.kind === 'tool.invoked') return textsIn([event.body.arguments, event.body.result]);
  return 'text' in event.body ? (event.body.text ?? '') : '';
}

function textsIn(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('\n');
}
