import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, getJson } from './api.ts';
import { cameBack } from './router.ts';

/** Who is signed in; the one question that may be answered with 401. */
export const ME = '/api/me';

/** Answers of the addresses asked last, so that Back shows at once, and exactly, what was there. */
const kept = new Map<string, unknown>();
const KEPT = 20;

function keep(address: string, answer: unknown): void {
  kept.delete(address);
  kept.set(address, answer);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

export interface Resource<T> {
  /** The last good answer for this address; it stays while a newer one is asked for. */
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload(): void;
}

/** What an address of the API answers, asked again by `reload`. An answer that was overtaken is dropped. */
export function useResource<T>(address: string): Resource<T> {
  const [state, setState] = useState<{ address: string; data?: T; error?: ApiError; loading: boolean }>({
    address,
    loading: true,
  });
  const [asked, setAsked] = useState(0);
  const shown = useRef(address);
  useEffect(() => {
    const controller = new AbortController();
    const same = shown.current === address;
    shown.current = address;
    if (asked === 0 && cameBack() && kept.has(address)) {
      setState({ address, data: kept.get(address) as T, loading: false });
      return;
    }
    setState((before) => (same ? { ...before, address, loading: true } : { address, loading: true }));
    getJson<T>(address, controller.signal).then(
      (data) => {
        keep(address, data);
        setState({ address, data, loading: false });
      },
      (error: unknown) => {
        if (!(error instanceof ApiError)) return;
        // Signed out meanwhile: the page begins again, with the sign-in, at the same address.
        if (error.status === 401 && address !== ME) location.reload();
        setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => controller.abort();
  }, [address, asked]);
  const reload = useCallback(() => setAsked((count) => count + 1), []);
  const current = state.address === address;
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    loading: current ? state.loading : true,
    reload,
  };
}
