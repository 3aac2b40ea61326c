import { useMemo } from 'preact/hooks';
import type { DetectionsAnswer, Evidence, StoredDetection } from '../../policies/records.ts';
import { useUnlessOwn } from '../me.ts';
import { useResource } from '../use-resource.ts';

const MAX_SHOWN = 1_000;

export interface Found {
  /** By the event that gives each its name. */
  byEvent: ReadonlyMap<string, readonly StoredDetection[]>;
  evidence: readonly Evidence[];
  reload(): void;
}

/** What policies found in a session; withdrawn findings are none. */
export function useFound(session: string): Found {
  const query = new URLSearchParams({ session, state: '-withdrawn', sort: '-severity', limit: String(MAX_SHOWN) });
  const { data, reload } = useResource<Partial<DetectionsAnswer>>(useUnlessOwn(`/api/detections?${query}`));
  return useMemo(() => {
    const detections = data?.detections ?? [];
    return {
      byEvent: Map.groupBy(detections, ({ event }) => event),
      // A finding that rests on a whole event marks nothing: its banner says enough.
      evidence: detections.flatMap(({ evidence }) => evidence).filter(({ start }) => start !== null),
      reload,
    };
  }, [data]);
}
