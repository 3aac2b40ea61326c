import { EVENT_KINDS } from '../../core/event.ts';
import type { NotedAct } from '../noted-act.ts';
import type { Retention } from './retention-store.ts';

/** What is noted of a retention that became another, by its kind of event. */
export const retentionChanges = (before: Retention, after: Retention): Pick<NotedAct, 'object' | 'changes'>[] =>
  EVENT_KINDS.filter((kind) => before[kind] !== after[kind]).map((kind) => ({
    object: `retention:${kind}`,
    changes: [{ what: 'days', before: sayDays(before[kind]), after: sayDays(after[kind]) }],
  }));

const sayDays = (days: number | null): string => (days === null ? 'for ever' : `${days} days`);
