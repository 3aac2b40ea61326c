import { useEffect, useRef } from 'preact/hooks';
import { cameBack } from './router.ts';

/** A page that has shown no heading by then is not waited for. */
const PATIENCE_MS = 10_000;

/**
 * Puts the focus on the heading of a page that was gone to, once it is there, so that who cannot see the page hears where they
 * are. Not on Back, which gives the focus back where it was, and not when the page itself has put it somewhere.
 */
export function useHeadFocus(path: string): void {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    const main = document.getElementById('content');
    if (cameBack() || main === null) return;
    main.focus({ preventScroll: true });
    const focusHead = (): boolean => {
      const head = main.querySelector('h1');
      if (head === null) return false;
      head.tabIndex = -1;
      if (document.activeElement === main) head.focus({ preventScroll: true });
      return true;
    };
    if (focusHead()) return;
    const observer = new MutationObserver(() => focusHead() && observer.disconnect());
    observer.observe(main, { childList: true, subtree: true });
    const timer = setTimeout(() => observer.disconnect(), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [path]);
}
