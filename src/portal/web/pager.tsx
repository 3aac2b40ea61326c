import { counted, number } from './format.ts';
import { withQuery } from './pages.ts';

/** How much of the list is shown, and the way on. Going back is the browser's. */
export const Pager = ({
  path,
  search,
  shown,
  what,
  next,
  total,
}: {
  path: string;
  search: string;
  shown: number;
  /** One of what the rows are: `session`. */
  what: string;
  next: string | null;
  /** How many there are on all pages, where that is known. */
  total?: number;
}) => (
  <nav class="pager" aria-label="Pages of the list">
    <span class="meta">
      {total === undefined
        ? words(shown, what, next !== null, search.includes('cursor='))
        : `${counted(shown, what)} of ${number(total)}`}
    </span>
    {search.includes('cursor=') && <a href={withQuery(path, search, 'cursor', null)}>First page</a>}
    {next !== null && <a href={withQuery(path, search, 'cursor', next)}>Next page</a>}
  </nav>
);

/** Never lets a part of the list pass for the whole. */
function words(shown: number, what: string, more: boolean, later: boolean): string {
  if (more) return `${counted(shown, what)} of more`;
  return later ? `The last ${counted(shown, what)}` : counted(shown, what);
}
