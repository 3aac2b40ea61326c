import { useEffect, useRef, useState } from 'preact/hooks';
import type { MatchesAnswer } from '../../answers.ts';
import { ApiError, getJson } from '../api.ts';

export interface Matches {
  /** The ids of the events found so far, in the timeline's order. */
  events: readonly string[];
  /** How far it came, of how many entries; null once all of them were looked at, or nothing is asked. */
  progress: { searched: number; total: number } | null;
  /** Why it does not go on. */
  problem: string | undefined;
  stop(): void;
}

const NOTHING = { events: [], progress: null, problem: undefined };

/** Looks for words in a whole session, stretch after stretch, until its end or until it is stopped. */
export function useMatches(api: string, words: string | undefined): Matches {
  const [state, setState] = useState<Omit<Matches, 'stop'>>(NOTHING);
  const running = useRef<AbortController>(undefined);
  useEffect(() => {
    setState(NOTHING);
    if (words === undefined) return;
    const controller = new AbortController();
    running.current = controller;
    void look(`${api}/matches?${new URLSearchParams({ q: words })}`, controller.signal, setState);
    return () => controller.abort();
  }, [api, words]);
  const stop = () => {
    running.current?.abort();
    setState((before) => ({ ...before, progress: null }));
  };
  return { ...state, stop };
}

async function look(api: string, signal: AbortSignal, tell: (state: Omit<Matches, 'stop'>) => void): Promise<void> {
  const events: string[] = [];
  try {
    for (let next: string | null = '0'; next !== null; ) {
      const answer: MatchesAnswer = await getJson<MatchesAnswer>(`${api}&cursor=${next}`, signal);
      if (signal.aborted) return;
      events.push(...answer.matches.map(({ event }) => event));
      next = answer.next;
      const { searched, total } = answer;
      tell({ events: [...events], progress: next === null ? null : { searched, total }, problem: undefined });
    }
  } catch (error) {
    if (error instanceof ApiError) tell({ events, progress: null, problem: error.message });
  }
}
