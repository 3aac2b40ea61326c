import { useState } from 'preact/hooks';
import type { EventAnswer, ListedEvent } from '../../answers.ts';
import { ApiError, getJson } from '../api.ts';

export interface Whole {
  load(): void;
  loading: boolean;
  /** Why it could not be loaded. */
  problem: string | undefined;
}

/** The event as listed, and how to get the whole of it. */
export function useWholeEvent(listed: ListedEvent): { event: ListedEvent; whole: Whole } {
  const [whole, setWhole] = useState<ListedEvent>();
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const load = () => {
    setLoading(true);
    getJson<EventAnswer>(`/api/events/${encodeURIComponent(listed.id)}`)
      .then(
        ({ event }) => setWhole(event),
        (error: unknown) => setProblem(error instanceof ApiError ? error.message : String(error)),
      )
      .finally(() => setLoading(false));
  };
  return { event: whole ?? listed, whole: { load, loading, problem } };
}
