import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 30_000;

/** The time, brought up to date every half minute: enough for "4 min ago". */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
