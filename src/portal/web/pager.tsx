import { counted } from './format.ts';
import { withQuery } from './pages.ts';

/** How much of the list is shown, and the way on. Going back is the browser's. */
export const Pager = ({
  path,
  search,
  shown,
  next,
}: {
  path: string;
  search: string;
  shown: number;
  next: string | null;
}) => (
  <nav class="pager" aria-label="Pages of the list">
    <span class="meta">
      {counted(shown, 'row')}
      {next === null ? ', the last of the list' : ' of more'}
    </span>
    {search.includes('cursor=') && <a href={withQuery(path, search, 'cursor', null)}>First page</a>}
    {next !== null && <a href={withQuery(path, search, 'cursor', next)}>Next page</a>}
  </nav>
);
