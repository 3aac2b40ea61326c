import { counted } from '../format.ts';
import { sessionAddress } from '../pages.ts';
import { ACTIVITY_WORDS, Activities } from '../sessions/activities.tsx';
import { chosenActivities, withActivities, withActivity } from './shown-kinds.ts';

interface ChosenProps {
  session: string;
  search: string;
  /** How many events of this page are left out. */
  hidden: number;
}

/** Which kinds of events the timeline shows, and a way to the others. */
export function Chosen({ session, search, hidden }: ChosenProps) {
  const chosen = chosenActivities(search);
  const path = sessionAddress(session);
  return (
    <div class="chosen">
      <Activities
        label="Show"
        meaning="Show only what is one of these; everything where none is chosen"
        chosen={chosen}
        addressOf={(activity, on) => path + withActivity(search, activity, on)}
      />
      {chosen.length > 0 && (
        <p class="meta" role="status">
          Showing {listOf(chosen.map((activity) => `${ACTIVITY_WORDS[activity].toLowerCase()}s`))};{' '}
          {counted(hidden, 'other event')} of this page {hidden === 1 ? 'is' : 'are'} hidden.{' '}
          <a href={path + withActivities(search, [])}>Show all</a>
        </p>
      )}
    </div>
  );
}

/** `prompts`, `prompts and tools`, `prompts, responses and tools` */
const listOf = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
