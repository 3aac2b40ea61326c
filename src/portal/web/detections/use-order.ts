import { useEffect, useState } from 'preact/hooks';
import type { DetectionGroupsAnswer, DetectionsAnswer } from '../../policies/records.ts';
import { getJson } from '../api.ts';
import { withQuery } from '../pages.ts';
import { detectionsQuery } from './states.ts';

const MAX_KNOWN = 500;
/** As the list was when one of its detections was opened: closing one must not make the next one unreachable. */
let known: { search: string; ids: string[] } | undefined;

/** The detections before and after this one in the list that the address names. */
export function useOrder(id: string, search: string): { previous: string | undefined; next: string | undefined } {
  const [order, setOrder] = useState(known);
  useEffect(() => {
    if (known?.search === search && known.ids.includes(id)) {
      setOrder(known);
      return;
    }
    const controller = new AbortController();
    const query = withQuery('', detectionsQuery(search), 'limit', String(MAX_KNOWN));
    getJson<Partial<DetectionsAnswer & DetectionGroupsAnswer>>(`/api/detections${query}`, controller.signal).then(
      ({ detections, groups = [] }) => {
        const ids = (detections ?? groups.map(({ detection }) => detection)).map((each) => each.id);
        known = { search, ids };
        setOrder(known);
      },
      // Without the list there is no next one; the detection itself is shown all the same.
      () => {},
    );
    return () => controller.abort();
  }, [id, search]);
  const at = order?.search === search ? order.ids.indexOf(id) : -1;
  return at < 0 ? { previous: undefined, next: undefined } : { previous: order?.ids[at - 1], next: order?.ids[at + 1] };
}
