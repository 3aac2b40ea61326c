import { useEffect, useState } from 'preact/hooks';
import { postJson } from '../api.ts';
import type { Draft, Problem } from './draft.ts';

const TYPING_MS = 300;

/** What the server says of a rule, asked when nobody has typed for a moment. Undefined while it is not known. */
export function useCheck({ expression, sequence }: Pick<Draft, 'expression' | 'sequence'>): Problem[] | undefined {
  const [checked, setChecked] = useState<{ rule: string; problems: Problem[] }>();
  const rule = JSON.stringify({ expression, sequence });
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      postJson<{ problems: Problem[] }>('/api/policies/check', JSON.parse(rule) as object).then(
        ({ problems }) => {
          if (wanted) setChecked({ rule, problems });
        },
        // An empty text or a portal that is away: saving says so, in words.
        () => {},
      );
    }, TYPING_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [rule]);
  return checked?.rule === rule ? checked.problems : undefined;
}
