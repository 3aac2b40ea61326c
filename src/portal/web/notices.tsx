import type { ComponentChildren } from 'preact';
import type { ApiError } from './api.ts';
import { counted } from './format.ts';

/** What stands where a list would: says why there is nothing and what to do about it. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <h2>{title}</h2>
    {children}
  </div>
);

/** What could not be loaded, why, and a way to try again. */
export const Failed = ({ error, retry }: { error: ApiError; retry(): void }) => (
  <div class="failed" role="alert">
    <strong>{error.message}</strong> <span class="meta">{error.code}</span>
    <button type="button" onClick={retry}>
      Try again
    </button>
  </div>
);

/** Rows of the height that the real ones will have. It fades in late, so that quick answers show none. */
export const Loading = ({ rows = 6 }: { rows?: number }) => (
  <div class="loading" aria-busy="true">
    <span class="hidden-words">Loading</span>
    {Array.from({ length: rows }, (_, row) => (
      <div key={row} class="skeleton" />
    ))}
  </div>
);

/** Says what arrived since, and shows it when asked: nothing that is being read moves by itself. */
export const NewRows = ({ count, what, show }: { count: number; what: string; show(): void }) => (
  <div class="news" role="status">
    {count > 0 && (
      <button type="button" class="news-button" onClick={show}>
        {counted(count, what)} with news · Show
      </button>
    )}
  </div>
);

/** Says that the portal does not answer at the moment. */
export const Offline = ({ connected }: { connected: boolean }) =>
  connected ? null : <p class="meta offline">Live updates paused; looking again every 15 s.</p>;
