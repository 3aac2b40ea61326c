import type { ListedEvent, TimelineEntry, TurnSummary } from '../../answers.ts';
import type { StoredDetection } from '../../policies/records.ts';
import { counted, credits, number } from '../format.ts';
import { Time } from '../time.tsx';
import { Duration } from './duration.tsx';
import { EventCard } from './event-card.tsx';
import { besideOf, laneBy } from './lanes.ts';
import { SubAgentLane } from './sub-agent-lane.tsx';

interface TurnSectionProps {
  entry: TimelineEntry;
  marked: string | null;
  device: string;
  /** What policies found in the session, by the event it names. */
  found: ReadonlyMap<string, readonly StoredDetection[]>;
}

/** A sub-agent that did more than this begins folded. */
const SHORT_LANE = 12;

/** A turn with its events; or one event that belongs to no turn. */
export function TurnSection({ entry, marked, device, found }: TurnSectionProps) {
  const { turn, events, omitted } = entry;
  const card = (event: ListedEvent) => (
    <EventCard
      key={event.id}
      listed={event}
      marked={event.id === marked}
      device={device}
      found={found.get(event.id) ?? []}
    />
  );
  const lanes = laneBy(events);
  const cards = lanes.map((item) =>
    'events' in item ? (
      <SubAgentLane
        key={item.subAgent.id}
        lane={item}
        beside={besideOf(item, lanes)}
        // What the address or a policy names is not folded away.
        open={item.events.length <= SHORT_LANE || item.events.some(({ id }) => id === marked || found.has(id))}
      >
        {item.events.map(card)}
      </SubAgentLane>
    ) : (
      card(item)
    ),
  );
  if (turn === null) return <div class="loose">{cards}</div>;
  return (
    <section class="turn" aria-labelledby={`turn-${turn.id}`}>
      <TurnHead turn={turn} events={events} />
      {cards}
      {omitted > 0 && (
        <p class="cut">
          {counted(omitted, 'further event')} of this turn are not on this page.{' '}
          <a
            href={`/api/events?session=${encodeURIComponent(events[0]?.session.id ?? '')}&turn=${encodeURIComponent(turn.id)}`}
          >
            Read them as JSON
          </a>
        </p>
      )}
    </section>
  );
}

function TurnHead({ turn, events }: { turn: TurnSummary; events: ListedEvent[] }) {
  const inferred = events.some((event) => event.kind === 'turn.ended' && event.source.inferred.includes('durationMs'));
  return (
    <header class="turn-head">
      <h2 id={`turn-${turn.id}`}>{turn.index === null ? 'Turn' : `Turn ${number(turn.index)}`}</h2>
      <p class="line meta">
        <Time iso={turn.startedAt} />
        {turn.durationMs !== null && (
          <span>
            <Duration ms={turn.durationMs} inferred={inferred} />
          </span>
        )}
        {turn.tools > 0 && <span>{counted(turn.tools, 'tool')}</span>}
        {turn.toolFailures > 0 && <span class="bad">{number(turn.toolFailures)} ✕</span>}
        {turn.credits !== null && <span>{credits(turn.credits)} credits</span>}
        {turn.endedAt === null && <span class="live">● not ended yet</span>}
        {turn.reason !== null && turn.reason !== 'end_turn' && <span class="bad">{turn.reason}</span>}
      </p>
    </header>
  );
}
