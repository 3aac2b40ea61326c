/** Which kinds of events a timeline shows. Pure. */
import type { EventKind } from '../../../core/event.ts';
import type { TimelineEntry } from '../../answers.ts';
import { ACTIVITIES } from '../../filter/grammar.ts';
import type { Activity } from '../sessions/activities.tsx';

const KIND_OF: Readonly<Record<Activity, EventKind>> = {
  session: 'session.started',
  prompt: 'prompt.submitted',
  response: 'agent.responded',
  reasoning: 'agent.reasoned',
  tool: 'tool.invoked',
};

/**
 * What the address chooses: `show` of the timeline itself, else the activity types of the list that the session was opened
 * from. Empty: everything.
 */
export function chosenActivities(search: string): Activity[] {
  const query = new URLSearchParams(search);
  const own = query.getAll('show');
  const given = own.length > 0 ? own : new URLSearchParams(query.get('list') ?? '').getAll('activity');
  return ACTIVITIES.filter((activity) => given.includes(activity));
}

/** The query with one of them turned on or off; with none left, everything is shown, whatever the list was. */
export function withActivity(search: string, activity: Activity, on: boolean): string {
  const chosen = chosenActivities(search).filter((each) => each !== activity);
  return withActivities(search, on ? [...chosen, activity] : chosen);
}

/** The query that shows these; none: everything. */
export function withActivities(search: string, chosen: readonly Activity[]): string {
  const query = new URLSearchParams(search);
  query.delete('show');
  for (const activity of chosen.length > 0 ? chosen : ['all']) query.append('show', activity);
  return `?${query}`;
}

/**
 * The entries with only the chosen events, and how many are hidden. What was lost always shows, and so does the event that the
 * address names.
 */
export function onlyChosen(
  entries: readonly TimelineEntry[],
  chosen: readonly Activity[],
  marked: string | null,
): { entries: TimelineEntry[]; hidden: number } {
  if (chosen.length === 0) return { entries: [...entries], hidden: 0 };
  const kinds = new Set<EventKind>([...chosen.map((activity) => KIND_OF[activity]), 'capture.gap']);
  let hidden = 0;
  const left = entries.map((entry) => {
    const events = entry.events.filter(({ id, kind }) => kinds.has(kind) || id === marked);
    hidden += entry.events.length - events.length;
    return { ...entry, events };
  });
  return { entries: left.filter(({ turn, events }) => turn !== null || events.length > 0), hidden };
}
