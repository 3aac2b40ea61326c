import type { CountsAnswer, DetectionGroupsAnswer, DetectionsAnswer, ListedDetection } from '../../policies/records.ts';
import { ExportLinks } from '../filter/export-links.tsx';
import { Failed, Loading, NewRows, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { DETECTIONS, withQuery } from '../pages.ts';
import { useList } from '../use-list.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { DetectionFilters } from './detection-filters.tsx';
import { DetectionTable, type Row } from './detection-table.tsx';
import { NoDetections } from './no-detections.tsx';
import { detectionsQuery } from './states.ts';

type Answer = Partial<DetectionsAnswer & DetectionGroupsAnswer> & { misunderstood: string[]; next: string | null };

const rowsOf = ({ groups, detections }: Answer): Row[] =>
  groups ?? (detections ?? []).map((detection: ListedDetection) => ({ detection, count: 1 }));

/** What needs a person? */
export function DetectionsPage({ search }: { search: string }) {
  useTitle('Detections');
  const list = useList<Answer>('/api/detections', detectionsQuery(search), {
    isEmpty: (answer) => rowsOf(answer).length === 0,
    countOf: ({ detections = 0 }) => detections,
  });
  const counts = useResource<CountsAnswer>('/api/detections/counts');
  const show = () => {
    list.show();
    counts.reload();
  };
  const rows = list.data === undefined ? undefined : rowsOf(list.data);
  return (
    <>
      <div class="page-head">
        <h1>Detections</h1>
        <Offline connected={list.connected} />
        <div class="head-action">
          <ExportLinks what="detections" search={withQuery('', detectionsQuery(search), 'view', null)} />
        </div>
      </div>
      <DetectionFilters search={search} counts={counts.data?.counts ?? []} />
      {list.data !== undefined && list.data.misunderstood.length > 0 && (
        <p class="attention" role="status">
          Not understood in this link, and left out: {list.data.misunderstood.join(', ')}
        </p>
      )}
      <NewRows count={list.news} what="detection" show={show} />
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows === undefined && list.error === undefined && <Loading />}
      {rows?.length === 0 && <NoDetections search={search} counts={counts.data?.counts ?? []} />}
      {rows !== undefined && rows.length > 0 && (
        <>
          <DetectionTable key={search} rows={rows} search={search} reload={show} />
          <Pager
            path={DETECTIONS}
            search={search}
            what={search.includes('view=groups') ? 'group' : 'detection'}
            shown={rows.length}
            next={list.data?.next ?? null}
          />
        </>
      )}
      <p class="meta">
        <a href={withQuery(DETECTIONS, search, 'view', search.includes('view=groups') ? null : 'groups')}>
          {search.includes('view=groups') ? 'Show each by itself' : 'Group by policy and session'}
        </a>
      </p>
    </>
  );
}
