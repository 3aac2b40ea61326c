import { useEffect } from 'preact/hooks';

/** Names the tab, so that tabs and the history can be read. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Capsule`;
  }, [title]);
}
