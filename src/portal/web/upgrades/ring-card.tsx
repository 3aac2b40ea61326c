import type { ComponentChildren } from 'preact';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { counted, number } from '../format.ts';
import { Icon } from '../icon.tsx';
import { Time } from '../time.tsx';
import { afterWords, OTHERS, takesWords, whoWords } from './ring-words.ts';

interface CardProps {
  answer: RingsAnswer;
  /** null: everybody else. */
  ring: string | null;
  /** What can be done with it. */
  children: ComponentChildren;
}

/** A ring: who is in it, what it takes and when, and how far it is. */
export function RingCard({ answer, ring, children }: CardProps) {
  const at = ring === null ? answer.rings.length : answer.rings.findIndex(({ name }) => name === ring);
  const own = answer.rings[at];
  const before = answer.rings[at - 1]?.name;
  const { upTo, startsAt, daysAfter } = own ?? {
    ...{ upTo: answer.others, startsAt: answer.othersStartsAt, daysAfter: answer.othersDaysAfter },
  };
  const versions = answer.agents.filter((each) => each.ring === ring);
  const agents = versions.reduce((sum, each) => sum + each.agents, 0);
  return (
    <li class="ring" aria-label={ring ?? OTHERS}>
      <div class="webhook-head">
        <h3>{ring ?? OTHERS}</h3>
        <span class="meta">{counted(agents, 'agent')}</span>
        <div class="webhook-buttons">{children}</div>
      </div>
      <p class="line meta">
        {own !== undefined && <span>{whoWords(own)}</span>}
        <span>{takesWords(upTo)}</span>
        {startsAt !== null && (
          <span>
            from <Time iso={startsAt} />
          </span>
        )}
        {daysAfter !== null && before !== undefined && <span>{afterWords(daysAfter, before)}</span>}
      </p>
      {answer.progress
        .filter((each) => each.ring === ring)
        .map((each) => (
          <Progress key={each.version} progress={each} agents={agents} before={before} />
        ))}
      {versions.length > 0 && (
        <details>
          <summary>Versions they run</summary>
          <p class="line meta">
            {versions.map((each) => (
              <span key={each.version}>
                {each.version}: {number(each.agents)}
              </span>
            ))}
          </p>
        </details>
      )}
    </li>
  );
}

interface ProgressProps {
  progress: RingsAnswer['progress'][number];
  agents: number;
  before: string | undefined;
}

function Progress({ progress, agents, before }: ProgressProps) {
  const { version, running, offered, failed } = progress;
  const waiting = offered - failed;
  return (
    <div class="ring-progress">
      <progress max={Math.max(agents, 1)} value={running} aria-label={`Agents that run ${version}`} />
      <p class="line">
        <span>
          {number(running)} of {number(agents)} run {version}
        </span>
        {waiting > 0 && <span class="meta">offered to {number(waiting)} more</span>}
        {failed > 0 && <span class="bad">failed on {number(failed)}</span>}
        <Standing progress={progress} before={before} />
      </p>
    </div>
  );
}

function Standing({ progress, before }: Omit<ProgressProps, 'agents'>) {
  const { state, from, version } = progress;
  switch (state) {
    case 'open':
      return (
        <span class="state state-reporting">
          <Icon name="reporting" /> {version} is offered
        </span>
      );
    case 'halted':
      return (
        <span class="state state-needs-attention">
          <Icon name="needs-attention" /> halted
        </span>
      );
    case 'waiting':
      return (
        <span class="state">
          <Icon name="waiting" /> {from === null ? `waits for ring ${before} to begin` : 'from '}
          {from !== null && <Time iso={from} />}
        </span>
      );
    default:
      return (
        <span class="state">
          <Icon name="missing" /> {state === 'paused' ? 'paused' : `${version} is not for it yet`}
        </span>
      );
  }
}
