export type IconName =
  | 'capsule'
  | 'overview'
  | 'agents'
  | 'server'
  | 'skill'
  | 'steering'
  | 'search'
  | 'charts'
  | 'log'
  | 'sessions'
  | 'session'
  | 'prompt'
  | 'response'
  | 'reasoning'
  | 'tool'
  | 'turn-end'
  | 'gap'
  | 'good'
  | 'bad'
  | 'link'
  | 'theme'
  | 'access'
  | 'keys'
  | 'sign-out'
  | 'download'
  | 'upgrades'
  | 'reporting'
  | 'quiet'
  | 'missing'
  | 'needs-attention'
  | 'waiting'
  | 'critical'
  | 'policies'
  | 'detections'
  | 'notifications'
  | 'retention'
  | 'revoked';

/** A shape beside words, never in place of them. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`${ICONS}#${name}`} />
  </svg>
);
