import type { Act } from './administration-answers.ts';
import { requestOrigin } from './request-origin.ts';

/** An administrative act as whoever does it notes it. */
export type NotedAct = Pick<Act, 'time' | 'actor' | 'act' | 'object'> & { changes?: Act['changes'] };

/**
 * With where it came from: the request that is being answered. What the portal does by itself while it answers somebody is not
 * theirs, and has no such place.
 */
export function completeAct({ changes = null, ...act }: NotedAct): Act {
  const origin = act.actor === 'portal' ? undefined : requestOrigin();
  return { ...act, from: origin?.from ?? null, client: origin?.client ?? null, changes };
}

/** What differs between two states, by name; null when nothing does. Pure. */
export function changesBetween(before: Readonly<Record<string, unknown>>, after: typeof before): Act['changes'] {
  const changes = Object.keys(after)
    .filter((what) => sayValue(before[what]) !== sayValue(after[what]))
    .map((what) => ({ what, before: sayValue(before[what]), after: sayValue(after[what]) }));
  return changes.length === 0 ? null : changes;
}

const LONGEST = 2_000;

function sayValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST);
}
