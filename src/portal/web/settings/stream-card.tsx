import type { Stream } from '../../siem/stream.ts';
import { actorWords } from '../actor.ts';
import { counted } from '../format.ts';
import { severityWord } from '../severity.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { ChannelCard } from './channel-card.tsx';

/** A stream: where it goes, how far it is, and what can be done with it. */
export function StreamCard({ stream, changed }: { stream: Stream; changed(): void }) {
  const now = useNow();
  const api = `/api/siem-streams/${encodeURIComponent(stream.id)}`;
  return (
    <ChannelCard
      place={placeOf(stream)}
      api={api}
      enabled={stream.enabled}
      trouble={stream.trouble}
      turned={{ off: 'Off: it waits where it is.', on: 'On again, from where it was.' }}
      removal={{
        title: 'Remove this stream?',
        words: 'What it has not sent yet is not sent. Everything stays stored here.',
      }}
      changed={changed}
    >
      <p class="line meta">
        <span>{counted(stream.sent, 'message')} sent</span>
        {stream.sentAt !== null && (
          <span>
            the last one <Ago iso={stream.sentAt} now={now} />
          </span>
        )}
        <span class={stream.trouble === null ? '' : 'warn'}>{behindWords(stream.behind)}</span>
        {stream.enabled && stream.nextAt !== null && (
          <span>
            next try <Time iso={stream.nextAt} />
          </span>
        )}
        {stream.missed > 0 && <span class="bad">{counted(stream.missed, 'event')} removed by retention before</span>}
      </p>
      <p class="line meta">
        <span>{whatWords(stream)}</span>
        <span>made by {actorWords(stream.createdBy)}</span>
        <Time iso={stream.createdAt} />
      </p>
    </ChannelCard>
  );
}

const placeOf = ({ destination }: Stream): string =>
  destination.kind === 'http'
    ? destination.url
    : `syslog ${destination.transport} ${destination.host}:${destination.port}`;

const FORMATS = { capsule: 'Capsule’s JSON', ocsf: 'OCSF', cloudevents: 'CloudEvents' } as const;

function whatWords({ format, kinds, severities, content }: Stream): string {
  const what = [
    ...(severities.length === 0
      ? []
      : [`detections (${severities.map((each) => severityWord(each).toLowerCase()).join(', ')})`]),
    ...(kinds.length === 0 ? [] : [`events (${kinds.join(', ')}), ${content === 'full' ? 'with' : 'without'} content`]),
  ];
  return `${FORMATS[format]}: ${what.join(' and ')}`;
}

/** The portal counts to 10,000 of each. */
const behindWords = (behind: number): string =>
  behind === 0 ? 'nothing waits' : behind >= 10_000 ? 'more than 10,000 wait' : `${behind} to go`;
