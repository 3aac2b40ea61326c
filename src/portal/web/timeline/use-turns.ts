import { useRef } from 'preact/hooks';
import type { TurnsAnswer } from '../../answers.ts';
import { type Resource, useResource } from '../use-resource.ts';

/**
 * The page of a session's turns that the address means. As long as the event it names is on the page that is shown, that page
 * stays: going from one find to the next asks for nothing.
 */
export function useTurns(api: string, cursor: string | null, marked: string | null): Resource<TurnsAnswer> {
  const shown = useRef<TurnsAnswer | undefined>(undefined);
  const address = useRef('');
  const isThere =
    marked !== null && cursor === null && shown.current?.turns.some(({ events }) => holds(events, marked));
  if (isThere !== true) address.current = `${api}/turns${turnsQuery(cursor, marked)}`;
  const turns = useResource<TurnsAnswer>(address.current);
  shown.current = turns.data;
  return turns;
}

const holds = (events: readonly { id: string }[], wanted: string): boolean => events.some(({ id }) => id === wanted);

function turnsQuery(cursor: string | null, marked: string | null): string {
  if (cursor !== null) return `?cursor=${encodeURIComponent(cursor)}`;
  return marked === null ? '' : `?around=${encodeURIComponent(marked)}`;
}
