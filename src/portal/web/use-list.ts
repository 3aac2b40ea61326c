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

/**
 * A page of a list, by the query of the page's own address. What changes is counted in `news` until `show` is called, because
 * rows must not move under a reader. Shown at once: the first rows of an empty list, and everything when `isSteady` (a list
 * whose order does not depend on time).
 */
export function useList<T>(
  api: string,
  search: string,
  {
    isEmpty,
    idsOf,
    isSteady = false,
  }: { isEmpty(data: T): boolean; idsOf(message: StreamMessage): string[]; isSteady?: boolean },
): List<T> {
  const resource = useResource<T>(withQuery(api, search, 'limit', '50'));
  const [news, setNews] = useState(0);
  const changed = useRef(new Set<string>());
  const forget = () => {
    changed.current.clear();
    setNews(0);
  };
  const show = () => {
    forget();
    resource.reload();
  };
  const connected = useLive((message) => {
    const empty = resource.data === undefined || isEmpty(resource.data);
    if (message === undefined || empty || isSteady) return show();
    for (const id of idsOf(message)) changed.current.add(id);
    setNews(changed.current.size);
  });
  const loaded = resource.data !== undefined;
  useLayoutEffect(() => {
    if (loaded) restorePlace();
  }, [loaded]);
  useEffect(forget, [search]);
  return { ...resource, news, show, connected };
}
