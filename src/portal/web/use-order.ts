import { useEffect, useState } from 'preact/hooks';
import { getJson } from './api.ts';

/** As the list was when one of its rows was opened: what is settled or goes on meanwhile must not make the next one unreachable. */
let known: { address: string; ids: string[] } | undefined;

export interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
  /** Counted from 1, and of how many that are known; undefined for what is not in the list. */
  place: { at: number; of: number } | undefined;
}

/** How many rows of a list are known to whoever goes through it one by one. */
export const MAX_KNOWN = 500;

/**
 * What stands before and after `id` in a list; `address` is that of the API, with the list's query, or undefined where there is
 * no list. Without an answer there are no neighbours; what is looked at is shown all the same.
 */
export function useOrder<T>(address: string | undefined, id: string, idsOf: (answer: T) => string[]): Neighbours {
  const [order, setOrder] = useState(known);
  useEffect(() => {
    if (address === undefined) return;
    if (known?.address === address && known.ids.includes(id)) {
      setOrder(known);
      return;
    }
    const controller = new AbortController();
    getJson<T>(address, controller.signal).then(
      (answer) => {
        known = { address, ids: idsOf(answer) };
        setOrder(known);
      },
      () => {},
    );
    return () => controller.abort();
  }, [id, address]);
  const ids = address !== undefined && order?.address === address ? order.ids : [];
  const at = ids.indexOf(id);
  if (at < 0) return { previous: undefined, next: undefined, place: undefined };
  return { previous: ids[at - 1], next: ids[at + 1], place: { at: at + 1, of: ids.length } };
}
