import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { StreamMessage } from '../answers.ts';
import { useLive } from './live.ts';
import { withQuery } from './pages.ts';
import { restorePlace } from './router.ts';
import { type Resource, useResource } from './use-resource.ts';

export interface List<T> extends Resource<T> {
  /** How many things changed and are not shown yet. */
  news: number;
  show(): void;
  /** Whether changes are told as they happen. */
  connected: boolean;
}

interface ListOptions<T> {
  isEmpty(data: T): boolean;
  /** Which rows a change is about: each is counted once. */
  idsOf?(message: StreamMessage): string[];
  /** Or how many rows it brings. */
  countOf?(message: StreamMessage): number;
  isSteady?: boolean;
}

/**
 * A page of a list, by the query of the page's own address. What changes is counted in `news` until `show` is called, because
 * rows must not move under a reader. Shown at once: the first rows of an empty list, and everything when `isSteady` (a list
 * whose order does not depend on time).
 */
export function useList<T>(
  api: string,
  search: string,
  { isEmpty, idsOf, countOf, isSteady = false }: ListOptions<T>,
): List<T> {
  const resource = useResource<T>(withQuery(api, search, 'limit', new URLSearchParams(search).get('limit') ?? '50'));
  const [news, setNews] = useState(0);
  const changed = useRef(new Set<string>());
  const more = useRef(0);
  const forget = () => {
    changed.current.clear();
    more.current = 0;
    setNews(0);
  };
  const show = () => {
    forget();
    resource.reload();
  };
  const connected = useLive((message) => {
    const empty = resource.data === undefined || isEmpty(resource.data);
    if (message === undefined || empty || isSteady) return show();
    for (const id of idsOf?.(message) ?? []) changed.current.add(id);
    more.current += countOf?.(message) ?? 0;
    setNews(changed.current.size + more.current);
  });
  const loaded = resource.data !== undefined;
  useLayoutEffect(() => {
    if (loaded) restorePlace();
  }, [loaded]);
  useEffect(forget, [search]);
  return { ...resource, news, show, connected };
}
