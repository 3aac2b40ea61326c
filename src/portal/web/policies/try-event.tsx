import { useEffect, useState } from 'preact/hooks';
import type { ListedEvent } from '../../answers.ts';
import type { TriedStep } from '../../policies/policy-answers.ts';
import { ApiError, postJson } from '../api.ts';
import { Clauses } from '../detections/clauses.tsx';
import { eventAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { KINDS } from '../timeline/kinds.ts';
import type { Draft } from './draft.ts';

interface TryEventProps {
  event: ListedEvent;
  draft: Draft;
  /** The rule may be judged. */
  valid: boolean;
}

/** What the rule, as it stands in the form, says of one event. */
export function TryEvent({ event, draft: { expression, sequence }, valid }: TryEventProps) {
  const [tried, setTried] = useState<{ rule: string; steps: TriedStep[] }>();
  const [problem, setProblem] = useState<string>();
  const rule = JSON.stringify({ expression, sequence, event: event.id });
  useEffect(() => {
    if (!valid) return;
    let wanted = true;
    postJson<{ steps: TriedStep[] }>('/api/policies/try', JSON.parse(rule) as object).then(
      ({ steps }) => {
        if (!wanted) return;
        setTried({ rule, steps });
        setProblem(undefined);
      },
      (error: unknown) => wanted && setProblem(error instanceof ApiError ? error.message : String(error)),
    );
    return () => {
      wanted = false;
    };
  }, [rule, valid]);
  const steps = tried?.rule === rule ? tried.steps : undefined;
  return (
    <section aria-labelledby="try-event-title">
      <h2 id="try-event-title" class="section-head">
        On this event
      </h2>
      <p class="line meta">
        <a href={eventAddress(event.id)}>{KINDS[event.kind].label}</a>
        {event.kind === 'tool.invoked' && <span class="mono">{event.body.name}</span>}
        <span>{event.device.user}</span>
        <Time iso={event.time} />
      </p>
      <div role="status">
        {!valid && <p class="meta">Waits for a rule that can be judged.</p>}
        {problem !== undefined && <p class="bad">{problem}</p>}
        {steps?.map((step, at) => (
          <div key={at} class="try-step">
            <p>
              {steps.length > 1 && `Step ${at + 1}: `}
              <Verdict matches={step.matches} />
            </p>
            <Clauses clauses={step.clauses} />
          </div>
        ))}
      </div>
    </section>
  );
}

function Verdict({ matches }: { matches: boolean | null }) {
  if (matches === null) return <span class="warn">It cannot be said: a part asks for what this event has not.</span>;
  return matches ? <strong class="live">Matches.</strong> : <strong>Does not match.</strong>;
}
