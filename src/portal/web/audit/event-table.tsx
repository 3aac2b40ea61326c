import type { ListedEvent } from '../../answers.ts';
import { duration, number } from '../format.ts';
import { Icon } from '../icon.tsx';
import { Time } from '../time.tsx';
import { KINDS } from '../timeline/kinds.ts';
import { Shown } from '../timeline/shown.tsx';
import { eventLine } from './event-line.ts';

interface EventTableProps {
  events: ListedEvent[];
  /** The one that is open beside the table. */
  open: string | null;
  addressOf(id: string): string;
}

/** Events, a line each, with the exact time. */
export const EventTable = ({ events, open, addressOf }: EventTableProps) => (
  <table class="list events">
    <caption class="hidden-words">Events, newest first</caption>
    <thead>
      <tr>
        <th scope="col">Time</th>
        <th scope="col">Kind</th>
        <th scope="col">User</th>
        <th scope="col">Workspace</th>
        <th scope="col">What</th>
        <th scope="col">Result</th>
        <th scope="col" class="count">
          Duration
        </th>
      </tr>
    </thead>
    <tbody>
      {events.map((event) => (
        <EventRow key={event.id} event={event} isOpen={event.id === open} address={addressOf(event.id)} />
      ))}
    </tbody>
  </table>
);

function EventRow({ event, isOpen, address }: { event: ListedEvent; isOpen: boolean; address: string }) {
  const { icon, label } = KINDS[event.kind];
  const { name, text, result, durationMs } = eventLine(event);
  const redacted = event.redactions.reduce((sum, { count }) => sum + count, 0);
  return (
    <tr class={isOpen ? 'open' : undefined}>
      <th scope="row" class="when">
        <a
          class="row-link"
          id={`event-${event.id}`}
          href={address}
          data-stay
          aria-current={isOpen ? 'true' : undefined}
        >
          <Time iso={event.time} precise />
        </a>
      </th>
      <td data-label="Kind" class="kind">
        <Icon name={icon} /> {label}
      </td>
      <td data-label="User">{event.device.user}</td>
      <td data-label="Workspace" title={event.workspace?.path}>
        {event.workspace?.name ?? '–'}
      </td>
      <td data-label="What" class="what">
        {name !== undefined && <span class="mono tool-name">{name} </span>}
        <bdi>
          <Shown text={text} redactions={event.redactions} />
        </bdi>
      </td>
      <td data-label="Result" class="result">
        {result !== undefined && (
          <span class={result.bad ? 'bad' : 'meta'}>{result.bad ? `✕ ${result.words}` : result.words}</span>
        )}{' '}
        {redacted > 0 && <span class="tag">{number(redacted)} redacted</span>}
      </td>
      <td data-label="Duration" class="count">
        {durationMs === null ? '–' : duration(durationMs)}
      </td>
    </tr>
  );
}
