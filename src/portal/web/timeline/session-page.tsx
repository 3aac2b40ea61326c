import { useMemo } from 'preact/hooks';
import type { SessionAnswer, SessionSummary, SessionsAnswer, TurnsAnswer } from '../../answers.ts';
import type { StoredDetection } from '../../policies/records.ts';
import { EvidenceShown } from '../detections/evidence.ts';
import { useFound } from '../detections/use-found.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { useLive } from '../live.ts';
import { NeighbourLinks } from '../neighbour-links.tsx';
import { Empty, Failed, Loading } from '../notices.tsx';
import { SESSIONS, sessionAddress, withQuery } from '../pages.ts';
import { go } from '../router.ts';
import { MAX_KNOWN, useOrder } from '../use-order.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { Chosen } from './chosen.tsx';
import { foldAll, SessionHead } from './session-head.tsx';
import { chosenActivities, onlyChosen } from './shown-kinds.ts';
import { TurnSection } from './turn-section.tsx';
import { useFoundWords } from './use-found-words.ts';
import { useGradually } from './use-gradually.ts';
import { useMarkedEvent } from './use-marked-event.ts';
import { useTail } from './use-tail.ts';
import { useTurns } from './use-turns.ts';

/** A session as it went: turn after turn, every event readable. */
export function SessionPage({ id, search }: { id: string; search: string }) {
  const query = new URLSearchParams(search);
  const marked = query.get('e');
  const api = `/api/sessions/${encodeURIComponent(id)}`;
  const session = useResource<SessionAnswer>(api);
  const turns = useTurns(api, query.get('cursor'), marked);
  const summary = session.data?.session;
  const found = useFound(id);
  const tail = useTail(turns.data);
  useTitle(summary === undefined ? 'Session' : (summary.title ?? summary.firstPrompt ?? 'Untitled session'));
  // Drawn only once both are there, whichever comes last.
  const drawn = summary !== undefined && turns.data !== undefined;
  useMarkedEvent(marked, drawn);
  useFoundWords(marked, query.get('mark'), drawn);
  const list = query.get('list') ?? undefined;
  const order = useOrder(listAddress(list), id, idsOf);
  useTimelineKeys();
  useKeys({
    '[': () => order.previous !== undefined && go(sessionAddress(order.previous, list), { replace: true }),
    ']': () => order.next !== undefined && go(sessionAddress(order.next, list), { replace: true }),
  });
  const connected = useLive((message) => {
    if (message !== undefined && !message.sessions.includes(id)) return;
    session.reload();
    turns.reload();
    found.reload();
  });

  const error = session.error ?? turns.error;
  if (error?.status === 404) {
    return (
      <Empty
        title={session.error === undefined ? 'There is no such event in this session' : 'There is no such session'}
      >
        <a href={session.error === undefined ? sessionAddress(id) : SESSIONS}>
          {session.error === undefined ? 'Show the session from its start' : 'Go to the sessions'}
        </a>
      </Empty>
    );
  }
  const reload = () => {
    session.reload();
    turns.reload();
  };
  return (
    <>
      <div class="crumb-line">
        <nav class="crumbs" aria-label="Where this is">
          <a href={list === undefined || list === '' ? SESSIONS : `${SESSIONS}?${list}`} data-back>
            Sessions
          </a>
        </nav>
        <NeighbourLinks order={order} addressOf={(other) => sessionAddress(other, list)} />
      </div>
      {summary !== undefined && <SessionHead session={summary} search={search} connected={connected} />}
      {error !== undefined && <Failed error={error} retry={reload} />}
      {(summary === undefined || turns.data === undefined) && error === undefined && <Loading />}
      {summary !== undefined && turns.data !== undefined && (
        <EvidenceShown.Provider value={found.evidence}>
          <Timeline session={summary} turns={turns.data} marked={marked} search={search} found={found.byEvent} />
        </EvidenceShown.Provider>
      )}
      <div class="tail-news" role="status">
        {tail.news > 0 && (
          <button type="button" class="news-button" onClick={tail.show}>
            {tail.news} new below · Show
          </button>
        )}
      </div>
    </>
  );
}

const idsOf = ({ sessions }: SessionsAnswer): string[] => sessions.map(({ id }) => id);

const listAddress = (list: string | undefined): string | undefined =>
  list === undefined ? undefined : withQuery('/api/sessions', list, 'limit', String(MAX_KNOWN));

interface TimelineProps {
  session: SessionSummary;
  turns: TurnsAnswer;
  marked: string | null;
  search: string;
  found: ReadonlyMap<string, readonly StoredDetection[]>;
}

function Timeline({ session, turns, marked, search, found }: TimelineProps) {
  const device = session.device.id;
  const { entries, hidden } = useMemo(
    () => onlyChosen(turns.turns, chosenActivities(search), marked),
    [turns, search, marked],
  );
  const place = entries.findIndex(({ events }) => events.some(({ id }) => id === marked));
  const drawn = useGradually(`${session.id} ${turns.first}`, entries.length, place + 3);
  // The same elements, so that drawing some more compares none of those that are there.
  const sections = useMemo(
    () =>
      entries.map((entry) => (
        <TurnSection
          key={entry.turn?.id ?? entry.events[0]?.id}
          entry={entry}
          marked={marked}
          device={device}
          found={found}
        />
      )),
    [entries, marked, device, found],
  );
  return (
    <>
      <Chosen session={session.id} search={search} hidden={hidden} />
      <div class="timeline">{sections.slice(0, drawn)}</div>
      {drawn === entries.length && (turns.next !== null || turns.previous !== null) && (
        <nav class="pager" aria-label="Pages of the session">
          <span class="meta">
            Entries {turns.first + 1} to {turns.first + turns.turns.length} of {turns.total}
          </span>
          <PageLink session={session.id} search={search} cursor={turns.previous} label="Earlier" />
          <PageLink session={session.id} search={search} cursor={turns.next} label="Later" />
        </nav>
      )}
    </>
  );
}

interface PageLinkProps {
  session: string;
  search: string;
  cursor: string | null;
  label: string;
}
const PageLink = ({ session, search, cursor, label }: PageLinkProps) => {
  if (cursor === null) return null;
  const path = sessionAddress(session);
  const unmarked = new URLSearchParams(search);
  unmarked.delete('e');
  return <a href={withQuery(path, unmarked.toString(), 'cursor', cursor)}>{label}</a>;
};

function toggleFocused(): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement)) return;
  const fold = focused.matches('.event') ? focused.querySelector<HTMLDetailsElement>('details') : null;
  if (fold !== null) fold.open = !fold.open;
  else focused.click();
}

const pressInFocused = (button: string): void =>
  document.activeElement?.closest('.event')?.querySelector<HTMLElement>(button)?.click();

function useTimelineKeys(): void {
  useKeys({
    j: () => moveFocus('.event', 1),
    k: () => moveFocus('.event', -1),
    J: () => moveFocus('.event-prompt-submitted', 1),
    K: () => moveFocus('.event-prompt-submitted', -1),
    x: () => moveFocus('.event[data-failed]', 1),
    d: () => moveFocus('.event[data-found]', 1),
    Enter: toggleFocused,
    e: () => foldAll(true),
    E: () => foldAll(false),
    y: () => pressInFocused('.copy-link button'),
    r: () => pressInFocused('.inspect-button'),
  });
}
