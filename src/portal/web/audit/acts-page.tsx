import type { Act, AuditAnswer } from '../../administration-answers.ts';
import { ACT_GRAMMAR } from '../../filter/grammar.ts';
import { ExportLinks } from '../filter/export-links.tsx';
import { FilterBar } from '../filter/filter-bar.tsx';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { ADMINISTRATION } from '../pages.ts';
import { Time } from '../time.tsx';
import { useList } from '../use-list.ts';
import { useTitle } from '../use-title.ts';
import { AuditHead } from './audit-head.tsx';
import { withRange } from './span.ts';

const USUAL = '90d';

/** Who of us did what? */
export function ActsPage({ search }: { search: string }) {
  useTitle('Administration');
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const asked = withRange(search, USUAL);
  const list = useList<AuditAnswer>('/api/audit', asked, {
    isEmpty: ({ acts }) => acts.length === 0,
    countOf: () => 0,
  });
  return (
    <>
      <AuditHead counted={undefined} />
      <FilterBar
        path={ADMINISTRATION}
        search={search}
        grammar={ACT_GRAMMAR}
        range={USUAL}
        searches="Who, act or object"
        misunderstood={list.data?.misunderstood}
      >
        <ExportLinks what="acts" search={asked} />
      </FilterBar>
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data?.acts.length === 0 && (
        <Empty title="No act matches">
          <a href={ADMINISTRATION}>Show the last 90 days</a>
        </Empty>
      )}
      {list.data !== undefined && list.data.acts.length > 0 && (
        <>
          <table class="list">
            <caption class="hidden-words">Administrative acts, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Who</th>
                <th scope="col">Act</th>
                <th scope="col">Object</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {list.data.acts.map(({ time, actor, act, object, from, client, changes }, at) => (
                <tr key={`${time} ${at}`}>
                  <th scope="row" class="when">
                    <Time iso={time} precise />
                  </th>
                  <td data-label="Who" class="mono">
                    {actor}
                  </td>
                  <td data-label="Act">{act}</td>
                  <td data-label="Object" class="mono what">
                    {object}
                    {changes !== null && <Changes changes={changes} />}
                  </td>
                  <td data-label="From">
                    {from !== null && <span class="mono">{from}</span>}{' '}
                    {client !== null && <span class="meta">{client}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <Pager path={ADMINISTRATION} search={search} what="act" shown={list.data.acts.length} next={list.data.next} />
        </>
      )}
    </>
  );
}

/** What an act changed: what it was, what it is. */
const Changes = ({ changes }: { changes: NonNullable<Act['changes']> }) => (
  <ul class="changes">
    {changes.map(({ what, before, after }) => (
      <li key={what}>
        <span class="meta">{what}:</span> {before ?? 'nothing'} <span class="hidden-words">became</span>
        <span aria-hidden="true">→</span> {after ?? 'nothing'}
      </li>
    ))}
  </ul>
);
