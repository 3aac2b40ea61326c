import { useEffect, useState } from 'preact/hooks';
import { isShortEnough, type Language } from './language.ts';
import type { Painted } from './painted.ts';

const NONE: readonly Painted[] = [];

/** The colours of a code. They come after it was drawn, and by a part of the script that is loaded then; none until they are there. */
export function useHighlight(code: string, language: Language | undefined): readonly Painted[] {
  const [painted, setPainted] = useState<{ code: string; stretches: Painted[] }>();
  useEffect(() => {
    if (language === undefined || !isShortEnough(code)) return;
    let wanted = true;
    import('./highlight.ts').then(
      ({ highlight }) => {
        if (wanted) setPainted({ code, stretches: highlight(code, language) });
      },
      // Without the part it stays as it is: readable.
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [code, language]);
  return painted?.code === code ? painted.stretches : NONE;
}
