import type { Json } from '../../../core/event.ts';
import type { ListedEvent } from '../../answers.ts';
import { useHasEvidence } from '../detections/evidence.ts';
import { Icon } from '../icon.tsx';
import { CapturedText, NoText } from './captured-text.tsx';
import { Duration } from './duration.tsx';
import { approvalWords, asText, isObject, mainArgument, outcomeOf, toolName } from './tool-summary.ts';
import type { Whole } from './whole-event.ts';

type ToolEvent = Extract<ListedEvent, { kind: 'tool.invoked' }>;

/** One line that says what was called and how it went; arguments and result below it. */
export function ToolCall({ event, whole }: { event: ToolEvent; whole: Whole }) {
  const { body } = event;
  const hasEvidence = useHasEvidence(event.id, '/body');
  const argument = mainArgument(body, event.workspace?.path ?? null);
  return (
    <details class="tool" open={hasEvidence}>
      <summary>
        <span class="tool-name">{toolName(body)}</span>
        {argument !== null && (
          <bdi class="tool-argument" title={argument}>
            {argument}
          </bdi>
        )}
        <span class="tool-end">
          {body.subAgent !== null && <span class="tag">sub-agent {body.subAgent.name ?? body.subAgent.id}</span>}
          <Outcome event={event} />
          {body.durationMs === null ? (
            <span class="took" title="Neither recorded by Kiro nor derivable">
              –
            </span>
          ) : (
            <span class="took">
              <Duration ms={body.durationMs} inferred={event.source.inferred.includes('durationMs')} />
            </span>
          )}
        </span>
      </summary>
      <div class="tool-parts">
        <p class="line meta">
          <span>{approvalWords(body) ?? 'Kiro does not record how the call was approved'}</span>
          {body.exitCode === null && <span>no exit code is recorded for this call</span>}
          {event.source.inferred.length > 0 && <span>derived by Capsule: {event.source.inferred.join(', ')}</span>}
        </p>
        <Part name="Arguments" value={body.arguments} field="/body/arguments" event={event} whole={whole} />
        <Part name="Result" value={body.result} field="/body/result" event={event} whole={whole} />
      </div>
    </details>
  );
}

function Outcome({ event }: { event: ToolEvent }) {
  const { outcome, words } = outcomeOf(event.body);
  return (
    <span class={`outcome outcome-${outcome}`}>
      {outcome !== 'unknown' && <Icon name={outcome} />} {words}
    </span>
  );
}

interface PartProps {
  name: string;
  value: Json;
  field: string;
  event: ToolEvent;
  whole: Whole;
}

/** An object's texts each under their name, as they are; anything else as indented JSON. */
function Part({ name, value, field, event, whole }: PartProps) {
  return (
    <section class="tool-part">
      <h4>{name}</h4>
      {value === null && <NoText event={event} field={field} />}
      {isObject(value) ? (
        <dl class="values">
          {Object.entries(value).map(([key, item]) => (
            <div key={key}>
              <dt>
                <bdi>{key}</bdi>
              </dt>
              <dd>
                <CapturedText
                  text={asText(item)}
                  field={`${field}/${pointerStep(key)}`}
                  event={event}
                  whole={whole}
                  code
                />
              </dd>
            </div>
          ))}
          {Object.keys(value).length === 0 && <span class="meta">none</span>}
        </dl>
      ) : (
        value !== null && <CapturedText text={asText(value)} field={field} event={event} whole={whole} code />
      )}
    </section>
  );
}

const pointerStep = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
