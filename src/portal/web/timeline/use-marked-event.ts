import { useLayoutEffect, useRef } from 'preact/hooks';
import { restorePlace } from '../router.ts';

/** Brings the event that the address names into view, once; else gives back the place where the reader was. */
export function useMarkedEvent(marked: string | null, loaded: boolean): void {
  const shown = useRef<string | null | undefined>(undefined);
  useLayoutEffect(() => {
    if (!loaded || shown.current === marked) return;
    shown.current = marked;
    if (restorePlace() || marked === null) return;
    const event = document.getElementById(`e-${marked}`);
    event?.scrollIntoView({ block: 'start' });
    event?.focus({ preventScroll: true });
  }, [marked, loaded]);
}
