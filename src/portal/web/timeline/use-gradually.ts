import { useEffect, useState } from 'preact/hooks';
import { cameBack } from '../router.ts';

/** So many are there at once: more than a screen shows. */
const FIRST = 8;
const STEP = 12;

/**
 * How many of `count` things are drawn by now: a screenful at once, so that there is something to read, the others soon after,
 * some at a time, while the reader can do as they like. Never fewer than `atLeast`; all at once on the way back, where the
 * place on the page must be there. `page` says whether they are still the same things.
 */
export function useGradually(page: string, count: number, atLeast: number): number {
  const [drawn, setDrawn] = useState({ page, upTo: cameBack() ? count : FIRST });
  const upTo = Math.max(drawn.page === page ? drawn.upTo : FIRST, atLeast);
  useEffect(() => {
    if (upTo >= count) return;
    const timer = setTimeout(() => setDrawn({ page, upTo: upTo + STEP }));
    return () => clearTimeout(timer);
  }, [page, upTo, count]);
  return Math.min(upTo, count);
}
