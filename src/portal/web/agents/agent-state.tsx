import type { AgentState } from '../../answers.ts';
import { Icon } from '../icon.tsx';

/** What each state is called, and when an agent is in it. */
export const STATE_WORDS: Readonly<Record<AgentState, { word: string; rule: string }>> = {
  reporting: { word: 'Reporting', rule: 'Heard from within the last 30 minutes' },
  quiet: { word: 'Quiet', rule: 'Last heard from within 7 days' },
  missing: { word: 'Missing', rule: 'Not heard from for more than 7 days' },
  'needs-attention': { word: 'Needs attention', rule: 'The agent itself says that something needs a person' },
  waiting: { word: 'Enrolled', rule: 'Enrolled, and nothing heard since' },
  revoked: { word: 'Revoked', rule: 'Its credential was revoked' },
};

/** How an agent stands, by shape, word and colour. */
export const StateBadge = ({ state }: { state: AgentState }) => (
  <span class={`state state-${state}`} title={STATE_WORDS[state].rule}>
    <Icon name={state} /> {STATE_WORDS[state].word}
  </span>
);
