/** The address is the state: moves through the browser's history, and gives scroll and focus back on Back. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  path: string;
  search: string;
}

interface Kept {
  scroll?: number;
  focus?: string;
  /** The address that this one was come to from. */
  from?: string;
}

const listeners = new Set<() => void>();
let back = false;
const here = (): Place => ({ path: location.pathname, search: location.search });

/**
 * Goes to an address of this page. `replace` leaves no step behind, for what changes while somebody types; `stay` does not
 * scroll, for what opens beside what is read.
 */
export function go(address: string, { replace = false, stay = false } = {}): void {
  back = false;
  if (replace) {
    const { from } = (history.state ?? {}) as Kept;
    history.replaceState({ from }, '', address);
  } else {
    keepPlace();
    history.pushState({ from: location.pathname + location.search }, '', address);
    if (!stay) scrollTo(0, 0);
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

/**
 * Makes links and Back work without loading the page again. A link with `data-replace` leaves no step behind, one with
 * `data-stay` does not scroll, one with `data-back` goes back to the page it leads to where that is the one before. Call once.
 */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => {
    back = true;
    for (const listener of listeners) listener();
  });
  addEventListener('pagehide', keepPlace);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const address = link === null ? undefined : addressOf(link, event);
    if (address === undefined) return;
    event.preventDefault();
    if (link?.hasAttribute('data-back') && address === (history.state as Kept | null)?.from) return history.back();
    go(address, {
      stay: link?.hasAttribute('data-stay') === true,
      replace: link?.hasAttribute('data-replace') === true,
    });
  });
}

/** Where a link leads within this page; undefined when the browser is to follow it. Links in drawings are links, too. */
function addressOf(link: Element, event: MouseEvent): string | undefined {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const target = link.getAttribute('target') ?? '';
  const sameTab = (target === '' || target === '_self') && !link.hasAttribute('download');
  const url = new URL(link.getAttribute('href') ?? '', location.href);
  const ours = url.origin === location.origin && url.hash === '' && !url.pathname.startsWith('/api/');
  return plain && sameTab && ours ? url.pathname + url.search : undefined;
}

/** Whether what is shown was reached by Back or Forward. */
export const cameBack = (): boolean => back;

function keepPlace(): void {
  const { from } = (history.state ?? {}) as Kept;
  const kept: Kept = { scroll: scrollY, ...(from !== undefined && { from }) };
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
