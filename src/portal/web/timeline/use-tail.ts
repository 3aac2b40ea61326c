import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TurnsAnswer } from '../../answers.ts';

/** Whoever is this close to the end (in px) is following along. */
const NEAR_PX = 80;

/**
 * New events stand below what is being read, so nothing moves. Whoever is at the end is kept there; everybody else is told how
 * many there are.
 */
export function useTail(turns: TurnsAnswer | undefined): { news: number; show(): void } {
  const [news, setNews] = useState(0);
  const seen = useRef<number | undefined>(undefined);
  const wasNear = useRef(false);
  const count = turns?.turns.reduce((sum, { events }) => sum + events.length, 0);
  useLayoutEffect(() => {
    const note = () => {
      wasNear.current = innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR_PX;
      if (wasNear.current) setNews(0);
    };
    addEventListener('scroll', note, { passive: true });
    note();
    return () => removeEventListener('scroll', note);
  }, []);
  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = count;
    if (before === undefined || count === undefined || count <= before) return;
    if (wasNear.current) toEnd();
    else setNews((news) => news + count - before);
  }, [count]);
  const show = () => {
    setNews(0);
    toEnd();
  };
  return { news, show };
}

const toEnd = (): void => scrollTo({ top: document.documentElement.scrollHeight });
