import { useState } from 'preact/hooks';
import type { RetentionAnswer, RetentionPreviewAnswer } from '../../administration-answers.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { Failed, Loading } from '../notices.tsx';
import { Time } from '../time.tsx';
import { KINDS } from '../timeline/kinds.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';

type Days = RetentionAnswer['days'];

/** For how long is what was captured kept? */
export function RetentionPage() {
  useTitle('Retention');
  const { data, error, reload } = useResource<RetentionAnswer>('/api/retention');
  // Not of the form: that is made anew with what was kept.
  const [said, setSaid] = useState('');
  return (
    <>
      <div class="page-head">
        <h1>Retention</h1>
      </div>
      <p class="lead">
        Events are kept for as many days as you say, counted from when they arrived; with nothing said, for ever. Once
        an hour the portal removes what is older. Detections, and the proof in the log that an event was there, stay.
      </p>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={7} />}
      {data !== undefined && (
        <RetentionForm key={JSON.stringify(data.days)} days={data.days} said={said} say={setSaid} changed={reload} />
      )}
      {data !== undefined && <LastRun run={data.lastRun} />}
    </>
  );
}

const LastRun = ({ run }: { run: RetentionAnswer['lastRun'] }) => (
  <p class="meta">
    {run === null ? (
      'The portal has not looked for old events yet.'
    ) : (
      <>
        Last looked <Time iso={run.time} />:{' '}
        {run.removed === 0 ? 'nothing was old enough' : `${counted(run.removed, 'event')} removed`}.
      </>
    )}
  </p>
);

interface FormProps {
  days: Days;
  said: string;
  say(words: string): void;
  changed(): void;
}

function RetentionForm({ days, said, say, changed }: FormProps) {
  const [typed, setTyped] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(days).map(([kind, kept]) => [kind, kept === null ? '' : String(kept)])),
  );
  const [preview, setPreview] = useState<RetentionPreviewAnswer['remove']>();
  const [problem, setProblem] = useState<string>();
  const body = { days: Object.fromEntries(Object.entries(typed).map(([kind, text]) => [kind, daysFrom(text)])) };
  const doing = async (work: () => Promise<void>) => {
    say('');
    try {
      await work();
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure.message);
    }
  };
  const ask = (event: Event) => {
    event.preventDefault();
    void doing(async () => {
      setPreview((await postJson<RetentionPreviewAnswer>('/api/retention/preview', body)).remove);
    });
  };
  const keep = () =>
    void doing(async () => {
      await changeJson('PATCH', '/api/retention', { body });
      setPreview(undefined);
      say('Kept. What is older goes within the hour.');
      changed();
    });
  return (
    <form class="retention-form" onSubmit={ask} noValidate>
      <table class="list">
        <caption class="hidden-words">Days that events are kept, by kind</caption>
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Days</th>
          </tr>
        </thead>
        <tbody>
          {Object.keys(days).map((kind) => (
            <tr key={kind}>
              <th scope="row">
                <label for={`days-${kind}`}>{labelOf(kind)}</label>
              </th>
              <td data-label="Days">
                <input
                  id={`days-${kind}`}
                  class="days"
                  inputMode="numeric"
                  placeholder="for ever"
                  maxLength={4}
                  value={typed[kind] ?? ''}
                  onInput={({ currentTarget }) => setTyped({ ...typed, [kind]: currentTarget.value })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {problem !== undefined && preview === undefined && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      <p role="status">{said}</p>
      <button type="submit" class="primary">
        See what that removes
      </button>
      {preview !== undefined && (
        <ConfirmDialog
          title="Keep events for these times?"
          act="Keep them so"
          confirm={keep}
          problem={problem}
          close={() => setPreview(undefined)}
        >
          <Preview remove={preview} />
        </ConfirmDialog>
      )}
    </form>
  );
}

function Preview({ remove }: { remove: RetentionPreviewAnswer['remove'] }) {
  const kinds = Object.entries(remove).filter(([, count]) => count > 0);
  if (kinds.length === 0) return <p>Nothing that is stored now is older.</p>;
  return (
    <>
      <p>These events go within the hour, and cannot be brought back:</p>
      <ul>
        {kinds.map(([kind, count]) => (
          <li key={kind}>
            {labelOf(kind)}: {counted(count, 'event')}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Nothing means for ever; what is no number is for the portal to refuse. */
const daysFrom = (text: string): number | string | null => {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
};

const labelOf = (kind: string): string => KINDS[kind as keyof typeof KINDS]?.label ?? kind;
