import { useEffect, useRef, useState } from 'preact/hooks';
import type { StreamMessage } from '../answers.ts';

/** While the stream is away, pages look for themselves this often. */
const POLL_MS = 15_000;

/**
 * Calls `onChange` when the server says that something changed, and after every pause in which it could not say so. The stream
 * is open only while the page is visible. Returns whether the page is up to date by itself.
 */
export function useLive(onChange: (message: StreamMessage | undefined) => void): boolean {
  const [connected, setConnected] = useState(true);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    let source: EventSource | undefined;
    let missed = false;
    const open = () => {
      if (document.hidden || source !== undefined) return;
      source = new EventSource('/api/stream');
      source.onopen = () => {
        setConnected(true);
        if (missed) latest.current(undefined);
        missed = false;
      };
      source.onmessage = (event: MessageEvent<string>) => latest.current(JSON.parse(event.data) as StreamMessage);
      source.onerror = () => {
        missed = true;
        setConnected(false);
      };
    };
    const close = () => {
      source?.close();
      source = undefined;
      missed = true;
    };
    const follow = () => (document.hidden ? close() : open());
    document.addEventListener('visibilitychange', follow);
    open();
    return () => {
      document.removeEventListener('visibilitychange', follow);
      close();
    };
  }, []);
  useEffect(() => {
    if (connected) return;
    const timer = setInterval(() => latest.current(undefined), POLL_MS);
    return () => clearInterval(timer);
  }, [connected]);
  return connected;
}
