import type { CountsAnswer, EventsAnswer } from '../../answers.ts';
import { withParts } from '../../filter/chips.ts';
import { EVENT_GRAMMAR } from '../../filter/grammar.ts';
import { Bars } from '../chart/bars.tsx';
import { bucketParts, bucketsOf } from '../chart/buckets.ts';
import { ExportLinks } from '../filter/export-links.tsx';
import { FilterBar } from '../filter/filter-bar.tsx';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading, NewRows, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { AGENTS, AUDIT } from '../pages.ts';
import { Time } from '../time.tsx';
import { useList } from '../use-list.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { AuditHead } from './audit-head.tsx';
import { EventPanel } from './event-panel.tsx';
import { EventTable } from './event-table.tsx';
import { countWords, spanOf, withRange } from './span.ts';

const USUAL = '24h';

/** What happened, in order, exactly? */
export function AuditPage({ search }: { search: string }) {
  useTitle('Audit logs');
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const open = new URLSearchParams(search).get('e');
  // The open event is no part of the list: the rows stay while one after the other is looked at.
  const plain = withoutOpen(search);
  const asked = withRange(plain, USUAL);
  const list = useList<EventsAnswer>('/api/events', asked, {
    isEmpty: ({ events }) => events.length === 0,
    countOf: ({ events }) => events,
  });
  const counts = useResource<CountsAnswer>(`/api/counts${withParts(asked, { limit: null })}`);
  const showNew = () => {
    list.show();
    counts.reload();
  };
  return (
    <>
      <AuditHead counted={counts.data === undefined ? undefined : countWords(counts.data)} />
      <FilterBar
        path={AUDIT}
        search={plain}
        grammar={EVENT_GRAMMAR}
        range={USUAL}
        searches="Words in prompts, answers, tools"
        misunderstood={list.data?.misunderstood}
      >
        <ExportLinks what="events" search={asked} />
        <Offline connected={list.connected} />
      </FilterBar>
      {counts.data !== undefined && <Histogram counts={counts.data} asked={asked} plain={plain} />}
      <NewRows count={list.news} what="event" show={showNew} />
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data !== undefined && (
        <div class={open === null ? 'with-panel' : 'with-panel panel-open'}>
          <div>
            <Rows list={list.data} counts={counts.data} plain={plain} open={open} />
          </div>
          {open !== null && <EventPanel id={open} search={plain} closed={AUDIT + plain} />}
        </div>
      )}
    </>
  );
}

interface RowsProps {
  list: EventsAnswer;
  counts: CountsAnswer | undefined;
  plain: string;
  open: string | null;
}

function Rows({ list: { events, next, searchedTo }, counts, plain, open }: RowsProps) {
  if (events.length === 0 && searchedTo === null) return <Nothing counts={counts} plain={plain} />;
  return (
    <>
      {events.length > 0 && (
        <EventTable events={events} open={open} addressOf={(id) => AUDIT + withParts(plain, { e: id })} />
      )}
      {searchedTo === null ? (
        <Pager path={AUDIT} search={plain} what="event" shown={events.length} next={next} />
      ) : (
        <p class="searched" role="status">
          Searched back to <Time iso={searchedTo} />. <a href={AUDIT + withCursor(plain, next)}>Go on searching</a>
        </p>
      )}
    </>
  );
}

function Nothing({ counts, plain }: { counts: CountsAnswer | undefined; plain: string }) {
  if (counts === undefined) return <Loading rows={2} />;
  if (counts.newest === null) {
    return (
      <Empty title="Nothing has arrived yet">
        <p>
          Agents report at the end of an agent turn in Kiro. <a href={AGENTS}>See the agents</a>
        </p>
      </Empty>
    );
  }
  const day = new Date(Date.parse(counts.newest) - 86_400_000).toISOString();
  const around = withParts(plain, { range: null, from: day, to: counts.newest });
  return (
    <Empty title="No events match in this time">
      <p>
        The newest event of all is of <Time iso={counts.newest} />. <a href={AUDIT + around}>Show the day before it</a>{' '}
        or <a href={AUDIT}>take all filters away</a>.
      </p>
    </Empty>
  );
}

function Histogram({ counts, asked, plain }: { counts: CountsAnswer; asked: string; plain: string }) {
  const { bars, barMs } = counts.histogram;
  if (bars.length === 0) return null;
  const { from, to } = spanOf(asked, bars, Date.now());
  const buckets = bucketsOf(bars, barMs, from, to);
  if (buckets.length < 2) return null;
  return (
    <Bars
      title="Events over time; failed calls at the foot of each bar"
      what="event"
      buckets={buckets}
      addressOf={(bucket) => AUDIT + withParts(plain, bucketParts(bucket))}
    />
  );
}

function withoutOpen(search: string): string {
  const query = new URLSearchParams(search);
  query.delete('e');
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function withCursor(search: string, cursor: string | null): string {
  const query = new URLSearchParams(search);
  if (cursor !== null) query.set('cursor', cursor);
  return `?${query}`;
}
