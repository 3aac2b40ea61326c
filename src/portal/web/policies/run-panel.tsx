import { useEffect } from 'preact/hooks';
import type { PolicyRun, RunAnswer, RunResult, Sample } from '../../policies/records.ts';
import { changeJson } from '../api.ts';
import { counted, duration, number } from '../format.ts';
import { Heads } from '../heads.tsx';
import { Empty, Failed, Loading } from '../notices.tsx';
import { DETECTIONS, eventInSession } from '../pages.ts';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';

const LOOK_MS = 500;

/** How far a look back over stored events is, and what it has found so far. */
export function RunPanel({ id, mayCancel }: { id: string; mayCancel: boolean }) {
  const { data, error, reload } = useResource<RunAnswer>(`/api/policy-runs/${encodeURIComponent(id)}`);
  const run = data?.run;
  useEffect(() => {
    if (run?.state !== 'running') return;
    const timer = setTimeout(reload, LOOK_MS);
    return () => clearTimeout(timer);
  }, [run]);
  if (error?.status === 404) {
    return (
      <Empty title="This dry run is gone">
        <p>It belongs to another organisation, or its time has passed. Start it again above.</p>
      </Empty>
    );
  }
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  if (run === undefined) return <Loading rows={3} />;
  const cancel = async () => {
    await changeJson('DELETE', `/api/policy-runs/${encodeURIComponent(id)}`).catch(() => {});
    reload();
  };
  return (
    <div class="run" aria-busy={run.state === 'running'}>
      <div class="run-head">
        <p role="status">
          <strong>{stateWords(run)}</strong>
        </p>
        {run.state === 'running' && mayCancel && (
          <button type="button" onClick={cancel}>
            Stop
          </button>
        )}
      </div>
      <p class="line">
        <span>
          {number(run.result.matches)} of {counted(run.result.events, 'event')} match{percent(run.result)}
        </span>
        <span>{counted(run.result.users, 'user')}</span>
        {run.kind === 'judge' && <span>{counted(run.result.kept, 'new detection')}</span>}
        <span>{duration(run.result.tookMs)}</span>
      </p>
      {run.result.difference !== null && (
        <p>
          Compared with version {run.asked.comparedWith}: <strong>+{number(run.result.difference.added)} new</strong>,{' '}
          <strong>−{number(run.result.difference.gone)} gone</strong>
        </p>
      )}
      <Failures result={run.result} />
      {run.kind === 'judge' && run.result.kept > 0 && (
        <p>
          <a href={`${DETECTIONS}?policy=${encodeURIComponent(run.policy)}`}>Show the detections</a>
        </p>
      )}
      <Samples samples={run.result.samples} matches={run.result.matches} />
    </div>
  );
}

function stateWords({ state, kind, result }: PolicyRun): preact.ComponentChildren {
  const back =
    result.searchedTo === null ? (
      'nothing yet'
    ) : (
      <>
        searched back to <Time iso={result.searchedTo} />
      </>
    );
  switch (state) {
    case 'running':
      return (
        <>
          {kind === 'judge' ? 'Judging' : 'Running'}: {back}
        </>
      );
    case 'cancelled':
      return <>Stopped: {back}</>;
    case 'failed':
      return <>It failed; the portal’s log says why. {back}</>;
    default:
      if (result.ended === 'matches')
        return (
          <>
            Ended at {number(result.matches)} matches: {back}
          </>
        );
      if (result.ended === 'marks') return <>Ended because the steps became too many: {back}</>;
      return <>Done: {result.events === 0 ? 'there are no events in this time' : back}</>;
  }
}

function percent({ matches, events }: RunResult): string {
  if (events === 0 || matches === 0) return '';
  const share = (100 * matches) / events;
  return share < 0.01 ? ' (under 0.01 %)' : ` (${share.toFixed(2)} %)`;
}

const Failures = ({ result: { failures, firstFailure } }: { result: RunResult }) =>
  failures === 0 ? null : (
    <p class="warn">
      {counted(failures, 'event')} could not be judged
      {firstFailure !== null && (
        <>
          {' '}
          ({firstFailure.message}; <a href={`/events/${encodeURIComponent(firstFailure.event)}`}>show one</a>)
        </>
      )}
    </p>
  );

const Samples = ({ samples, matches }: { samples: readonly Sample[]; matches: number }) =>
  samples.length === 0 ? null : (
    <table class="list">
      <caption>
        {matches > samples.length ? `The newest ${samples.length} matches` : counted(matches, 'match', 'matches')}
      </caption>
      <thead>
        <tr>
          <Heads names={['When', 'User', 'Where it matched']} last="Open" />
        </tr>
      </thead>
      <tbody>
        {samples.map(({ event, session, user, time, evidence }) => (
          <tr key={event}>
            <th scope="row">
              <Time iso={time} />
            </th>
            <td data-label="User">{user}</td>
            <td data-label="Where it matched" class="mono">
              {evidence.length > 1 ? `${evidence[0]?.path} and ${evidence.length - 1} more` : evidence[0]?.path}
            </td>
            <td>
              <a href={eventInSession(session, event)}>Open in session</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
