import { useEffect, useRef, useState } from 'preact/hooks';
import type { SearchAnswer } from '../../answers.ts';
import { withQuery } from '../pages.ts';
import { type Resource, useResource } from '../use-resource.ts';

export interface Search extends Omit<Resource<SearchAnswer>, 'loading'> {
  /** Nothing was found yet, and it goes on to older ones by itself. */
  going: boolean;
  stop(): void;
}

/**
 * What a search finds. One answer looks back only so far as it may hold up others; as long as nothing was found the next one is
 * asked for, until something is, nothing older is left, or it is stopped.
 */
export function useSearch(search: string): Search {
  const [walk, setWalk] = useState({ search, at: search, stopped: false });
  const { at, stopped } = walk.search === search ? walk : { at: search, stopped: false };
  const resource = useResource<SearchAnswer>(`/api/search${at}`);
  const last = useRef<{ search: string; data: SearchAnswer }>(undefined);
  if (resource.data !== undefined) last.current = { search, data: resource.data };
  const next = resource.data?.groups.length === 0 ? resource.data.next : null;
  useEffect(() => {
    if (next !== null && !stopped) setWalk({ search, at: withQuery('', search, 'cursor', next), stopped });
  }, [search, next, stopped]);
  // While it goes on, what is known is how far it came.
  const data = resource.data ?? (last.current?.search === search ? last.current.data : undefined);
  return {
    ...{ data, error: resource.error, reload: resource.reload },
    going: !stopped && resource.error === undefined && data?.groups.length === 0 && data.next !== null,
    stop: () => setWalk({ search, at, stopped: true }),
  };
}
