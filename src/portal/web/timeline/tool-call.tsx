import type { Json } from '../../../core/event.ts';
import type { ListedEvent } from '../../answers.ts';
import { CopyButton } from '../copy-button.tsx';
import { useHasEvidence } from '../detections/evidence.ts';
import { Icon } from '../icon.tsx';
import { CapturedText, NoText } from './captured-text.tsx';
import { CodeText } from './code-text.tsx';
import { DiffView } from './diff-view.tsx';
import { Duration } from './duration.tsx';
import { editOf } from './edit.ts';
import { type Language, languageOfPath } from './language.ts';
import { approvalWords, asText, isObject, mainArgument, outcomeOf, toolName } from './tool-summary.ts';
import type { Whole } from './whole-event.ts';

type ToolEvent = Extract<ListedEvent, { kind: 'tool.invoked' }>;

/** How a call was allowed, beside the call; the whole words are inside. */
const APPROVAL_SHORT = { auto: 'auto', accepted: 'approved', rejected: 'rejected', pattern: 'by rule' } as const;

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
          {body.approval !== null && <span class="approval">{APPROVAL_SHORT[body.approval]}</span>}
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
        <Arguments event={event} whole={whole} />
        <Part
          name="Result"
          value={body.result}
          field="/body/result"
          event={event}
          whole={whole}
          language={resultLanguage(body)}
        />
      </div>
    </details>
  );
}

/** Of an edit first what it changes; then what it was asked otherwise. */
function Arguments({ event, whole }: { event: ToolEvent; whole: Whole }) {
  const { body } = event;
  const hasEvidence = useHasEvidence(event.id, '/body/arguments');
  const edit = editOf(body);
  const isCut = [...(event.cut ?? []), ...(event.truncated ?? [])].some(({ field }) =>
    field.startsWith('/body/arguments'),
  );
  // Evidence lies at places of the arguments as they are; and a text that was cut says nothing about what comes after.
  if (edit === undefined || hasEvidence || isCut) {
    return (
      <Part
        name="Arguments"
        value={body.arguments}
        field="/body/arguments"
        event={event}
        whole={whole}
        language={commandLanguage(body)}
      />
    );
  }
  const rules = new Set(event.redactions.map(({ rule }) => rule));
  const language = languageOfPath(edit.path);
  const others = isObject(body.arguments)
    ? Object.fromEntries(Object.entries(body.arguments).filter(([name]) => !edit.told.includes(name)))
    : {};
  return (
    <>
      <section class="tool-part">
        <h3>{edit.before === null ? 'New content; what was there before is not recorded' : 'Change'}</h3>
        {edit.before === null ? (
          <CodeText text={edit.after} rules={rules} language={language} boxed />
        ) : (
          <DiffView before={edit.before} after={edit.after} rules={rules} language={language} />
        )}
      </section>
      <Part name="Other arguments" value={others} field="/body/arguments" event={event} whole={whole} />
    </>
  );
}

const isCommand = ({ kind, name }: ToolEvent['body']): boolean => kind === 'execute' || /bash|pwsh|command/i.test(name);
const commandLanguage = (body: ToolEvent['body']): Language | undefined =>
  isCommand(body) ? (/pwsh|powershell/i.test(body.name) ? 'powershell' : 'bash') : undefined;

/** What was read from one file is in that file's language; an object is written as JSON. */
function resultLanguage(body: ToolEvent['body']): Language | undefined {
  const { kind, result, arguments: args } = body;
  if (typeof result === 'string' && result.startsWith('diff --git ')) return 'diff';
  if (typeof result !== 'string') return 'json';
  const path = kind === 'read' && isObject(args) ? args.path : undefined;
  return typeof path === 'string' ? languageOfPath(path) : undefined;
}

function Outcome({ event }: { event: ToolEvent }) {
  const { outcome, words } = outcomeOf(event.body);
  return (
    <span class={`outcome outcome-${outcome}`}>
      {outcome !== 'unknown' && <Icon name={outcome} />} {words}
      {isCommand(event.body) && event.body.exitCode === null && (
        <span class="meta" title="Kiro recorded no exit code of this command">
          {' '}
          exit —<span class="hidden-words">: Kiro recorded none</span>
        </span>
      )}
    </span>
  );
}

interface PartProps {
  name: string;
  value: Json;
  field: string;
  event: ToolEvent;
  whole: Whole;
  language?: Language | undefined;
}

/** An object's texts each under their name, as they are; anything else as indented JSON. */
function Part({ name, value, field, event, whole, language }: PartProps) {
  return (
    <section class="tool-part">
      <h3>
        {name}
        {value !== null && <CopyButton text={asText(value)} what={`the ${name.toLowerCase()}`} />}
      </h3>
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
                  as="code"
                  language={typeof item === 'string' ? language : 'json'}
                />
              </dd>
            </div>
          ))}
          {Object.keys(value).length === 0 && <span class="meta">none</span>}
        </dl>
      ) : (
        value !== null && (
          <CapturedText text={asText(value)} field={field} event={event} whole={whole} as="code" language={language} />
        )
      )}
    </section>
  );
}

const pointerStep = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
