/** The address is the state: moves through the browser's history, and gives scroll and focus back on Back. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  path: string;
  search: string;
}

interface Kept {
  scroll?: number;
  focus?: string;
}

const listeners = new Set<() => void>();
const here = (): Place => ({ path: location.pathname, search: location.search });

/** Goes to an address of this page. `replace` leaves no step behind, for what changes while somebody types. */
export function go(address: string, { replace = false } = {}): void {
  if (replace) {
    history.replaceState(history.state, '', address);
  } else {
    keepPlace();
    history.pushState({}, '', address);
    scrollTo(0, 0);
  }
  for (const listener of listeners) listener();
}

/** The address that is shown; the component is drawn again when it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const update = () => setPlace(here());
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return place;
}

/** Makes links and Back work without loading the page again. Call once. */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => {
    for (const listener of listeners) listener();
  });
  addEventListener('pagehide', keepPlace);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || !isOurs(link, event)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

function isOurs(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const sameTab = (link.target === '' || link.target === '_self') && !link.hasAttribute('download');
  return plain && sameTab && link.origin === location.origin && link.hash === '' && !link.pathname.startsWith('/api/');
}

function keepPlace(): void {
  const kept: Kept = { scroll: scrollY };
  if (document.activeElement instanceof HTMLElement && document.activeElement.id !== '') {
    kept.focus = document.activeElement.id;
  }
  history.replaceState(kept, '');
}

/**
 * To be called by a page once it shows its content: puts scroll and focus where they were when this entry of the history was
 * left, or says false when it is new.
 */
export function restorePlace(): boolean {
  const { scroll, focus } = (history.state ?? {}) as Kept;
  if (scroll === undefined) return false;
  if (focus !== undefined) document.getElementById(focus)?.focus({ preventScroll: true });
  scrollTo(0, scroll);
  return true;
}
