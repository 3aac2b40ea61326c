import type { SessionSummary } from '../../answers.ts';
import { counted, credits, duration } from '../format.ts';
import { agentAddress } from '../pages.ts';
import { Time } from '../time.tsx';

/** One line that says whose session this is and what it came to. */
export const SessionFacts = ({ session }: { session: SessionSummary }) => (
  <p class="line session-facts">
    <a href={agentAddress(session.device.id)}>
      {session.device.user} on {session.device.name}
    </a>
    {session.workspace !== null && <span title={session.workspace.path}>{session.workspace.name}</span>}
    <span>
      Kiro {session.kiroVersion ?? session.generation.replace('ide-', '')}
      {session.mode !== null && `, ${session.mode}`}
      {session.model !== null && `, ${session.model}`}
    </span>
    <Time iso={session.startedAt} />
    <span>{counted(session.turns, 'turn')}</span>
    <span>
      {counted(session.tools, 'tool')}
      {session.toolFailures > 0 && <span class="bad"> ({session.toolFailures} ✕)</span>}
    </span>
    {session.durationMs !== null && <span>{duration(session.durationMs)}</span>}
    {session.credits !== null && <span>{credits(session.credits)} credits</span>}
    {session.lost > 0 && <span class="bad">{counted(session.lost, 'event')} lost on the device</span>}
  </p>
);
