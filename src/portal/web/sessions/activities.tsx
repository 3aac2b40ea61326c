import { ACTIVITIES } from '../../filter/grammar.ts';

export type Activity = (typeof ACTIVITIES)[number];

export const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  session: 'Session',
  prompt: 'Prompt',
  response: 'Response',
  reasoning: 'Reasoning',
  tool: 'Tool',
};

interface ActivitiesProps {
  /** Before the buttons, and what they mean to who does not see them. */
  label: string;
  meaning: string;
  chosen: readonly string[];
  /** Where the page goes when this one is turned. */
  addressOf(activity: Activity, on: boolean): string;
}

/** The kinds of what happens in a session, each to be turned on and off. */
export const Activities = ({ label, meaning, chosen, addressOf }: ActivitiesProps) => (
  <fieldset class="toggles">
    <legend class="hidden-words">{meaning}</legend>
    <span class="meta" aria-hidden="true">
      {label}
    </span>
    {ACTIVITIES.map((activity) => {
      const on = chosen.includes(activity);
      return (
        <a key={activity} class="toggle" href={addressOf(activity, !on)} aria-current={on ? 'true' : undefined}>
          {ACTIVITY_WORDS[activity]}
          {on && <span aria-hidden="true"> ✓</span>}
        </a>
      );
    })}
  </fieldset>
);
