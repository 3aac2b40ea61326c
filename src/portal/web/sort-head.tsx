import { withParts } from '../filter/chips.ts';

interface SortHeadProps {
  path: string;
  search: string;
  /** What the list is ordered by when the address does not say: a name, with a minus before it when the largest comes first. */
  usual: string;
  by: string;
  label: string;
  count?: boolean;
}

/** The head of a column that rows can be ordered by; a second time it turns the order round. */
export function SortHead({ path, search, usual, by, label, count = false }: SortHeadProps) {
  const current = new URLSearchParams(search).get('sort') ?? usual;
  const isCurrent = current.replace(/^-/, '') === by;
  const descending = current.startsWith('-');
  const next = isCurrent && descending ? by : isCurrent ? `-${by}` : count ? `-${by}` : by;
  return (
    <th
      scope="col"
      class={count ? 'count' : undefined}
      aria-sort={isCurrent ? (descending ? 'descending' : 'ascending') : undefined}
    >
      <a class="sort" href={path + withParts(search, { sort: next === usual ? null : next })}>
        {label}
        {isCurrent && <span aria-hidden="true">{descending ? ' ↓' : ' ↑'}</span>}
      </a>
    </th>
  );
}
