import type { Clause } from '../../policies/records.ts';

/** What each part of a rule says of an event. */
export const Clauses = ({ clauses }: { clauses: readonly Clause[] }) => (
  <ul class="clauses">
    {clauses.map(({ text, value }) => (
      <li key={text}>
        <span class={value === true ? 'live' : 'bad'}>
          {value === null ? 'cannot be said' : value ? 'true' : 'false'}
        </span>{' '}
        <code>{text}</code>
      </li>
    ))}
  </ul>
);
