import type { SessionSummary } from '../../answers.ts';
import { counted, credits, duration, number } from '../format.ts';
import { SESSIONS, sessionAddress } from '../pages.ts';
import { SortHead } from '../sort-head.tsx';
import { Ago } from '../time.tsx';
import { useNow } from '../use-now.ts';

const OPEN_MS = 5 * 60_000;

interface TableProps {
  sessions: SessionSummary[];
  withDevice?: boolean;
  /** The query of the list, where it can be ordered. */
  search?: string;
}

/** Sessions, a row each. */
export function SessionTable({ sessions, withDevice = true, search }: TableProps) {
  const now = useNow();
  const head = (by: string, label: string, count = false) =>
    search === undefined ? (
      <th scope="col" class={count ? 'count' : undefined}>
        {label}
      </th>
    ) : (
      <SortHead path={SESSIONS} search={search} usual="-lastEvent" by={by} label={label} count={count} />
    );
  return (
    <table class="list">
      <caption class="hidden-words">Sessions</caption>
      <thead>
        <tr>
          <th scope="col">Session</th>
          {withDevice && <th scope="col">User</th>}
          <th scope="col">Workspace</th>
          <th scope="col">Model</th>
          {head('turns', 'Turns', true)}
          {head('tools', 'Tools', true)}
          {head('duration', 'Duration', true)}
          {head('credits', 'Credits', true)}
          <th scope="col">Detections</th>
          {head('lastEvent', 'Last activity')}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} now={now} withDevice={withDevice} list={search} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  session: SessionSummary;
  now: number;
  withDevice: boolean;
  list: string | undefined;
}

const SessionRow = ({ session, now, withDevice, list }: RowProps) => (
  <tr>
    <th scope="row" class="wide">
      <a class="row-link" id={`session-${session.id}`} href={sessionAddress(session.id, list)}>
        <SessionName session={session} />
      </a>
      {session.lost > 0 && <div class="row-note">{counted(session.lost, 'event')} lost on the device</div>}
    </th>
    {withDevice && (
      <td data-label="User">
        {session.device.user} <span class="meta">{session.device.name}</span>
      </td>
    )}
    <td data-label="Workspace" title={session.workspace?.path}>
      {session.workspace?.name ?? '–'}
    </td>
    <td data-label="Model">{session.model ?? '–'}</td>
    <td data-label="Turns" class="count">
      {number(session.turns)}
    </td>
    <td data-label="Tools" class="count">
      {number(session.tools)}
      {session.toolFailures > 0 && <span class="bad"> ({session.toolFailures} ✕)</span>}
    </td>
    <td data-label="Duration" class="count">
      {session.durationMs === null ? '–' : duration(session.durationMs)}
    </td>
    <td data-label="Credits" class="count">
      {session.credits === null ? '–' : credits(session.credits)}
    </td>
    <td data-label="Detections">
      {session.detections === 0 ? '–' : <span class="bad">{counted(session.detections, 'open', 'open')}</span>}
    </td>
    <td data-label="Last activity">
      {session.open && now - Date.parse(session.lastEventAt) < OPEN_MS ? (
        <span class="live">● now</span>
      ) : (
        <Ago iso={session.lastEventAt} now={now} />
      )}
    </td>
  </tr>
);

/** The title that Kiro gave it, else how it began. */
export function SessionName({ session }: { session: SessionSummary }) {
  if (session.title !== null && session.title !== '') return <bdi>{session.title}</bdi>;
  if (session.firstPrompt === null) return <span class="meta">Untitled, no prompt yet</span>;
  return (
    <>
      <span class="meta">Untitled · </span>
      <bdi>{session.firstPrompt}</bdi>
    </>
  );
}
