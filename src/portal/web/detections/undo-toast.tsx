import { useEffect } from 'preact/hooks';

const SHOWN_MS = 10_000;

export interface Done {
  /** Each change is another one: the time begins anew. */
  at: number;
  words: string;
  undo(): void;
}

/** Says what was done, and lets it be undone for ten seconds. */
export function UndoToast({ done, forget }: { done: Done | undefined; forget(): void }) {
  useEffect(() => {
    if (done === undefined) return;
    const timer = setTimeout(forget, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done?.at]);
  return (
    <div class="toast-place" role="status">
      {done !== undefined && (
        <div class="toast">
          {done.words}{' '}
          <button type="button" onClick={done.undo}>
            Undo <kbd>u</kbd>
          </button>
        </div>
      )}
    </div>
  );
}
