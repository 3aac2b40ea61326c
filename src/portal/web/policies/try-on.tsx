import { useState } from 'preact/hooks';
import type { RunAnswer, StoredPolicy } from '../../policies/records.ts';
import { ApiError, postJson } from '../api.ts';
import { Failed } from '../notices.tsx';
import { runAddress } from '../pages.ts';
import { go } from '../router.ts';
import type { Draft } from './draft.ts';
import { RunPanel } from './run-panel.tsx';

const DAYS: readonly (readonly [string, string])[] = [
  ['1', 'last 24 h'],
  ['7', 'last 7 d'],
  ['30', 'last 30 d'],
  ['', 'everything'],
];
const DAY_MS = 86_400_000;

interface TryProps {
  id: string;
  draft: Draft;
  valid: boolean;
  stored: StoredPolicy | undefined;
  run: string | undefined;
  mayStart: boolean;
}

/** What would it find, or have found, among what is stored? */
export function TryOn({ id, draft, valid, stored, run, mayStart }: TryProps) {
  const [days, setDays] = useState('7');
  const [problem, setProblem] = useState<ApiError>();
  const from = days === '' ? null : new Date(Date.now() - Number(days) * DAY_MS).toISOString();
  const start = async (path: 'dry-run' | 'judge') => {
    const { expression, sequence, targets } = draft;
    const body = path === 'judge' ? { from } : { expression, sequence, targets, from };
    try {
      const answer = await postJson<RunAnswer>(`/api/policies/${encodeURIComponent(id)}/${path}`, body);
      setProblem(undefined);
      go(runAddress(id, answer.run.id), { replace: run !== undefined });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
    }
  };
  return (
    <section aria-labelledby="try-title">
      <h2 id="try-title" class="section-head">
        Try it on stored events
      </h2>
      {mayStart && (
        <p class="try-line">
          <label>
            <span class="hidden-words">How far back</span>
            <select value={days} onChange={({ currentTarget }) => setDays(currentTarget.value)}>
              {DAYS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <button type="button" disabled={!valid} onClick={() => start('dry-run')}>
            Dry run
          </button>
          {stored?.enabled && (
            <button type="button" class="quiet" onClick={() => start('judge')}>
              Judge them by version {stored.version}
            </button>
          )}
        </p>
      )}
      <p class="meta">
        A dry run keeps nothing. Judging keeps what it finds as detections, marked retrospective; nobody is notified of
        them. Both stop at 10 000 matches.
      </p>
      {problem !== undefined && <Failed error={problem} retry={() => setProblem(undefined)} />}
      {run !== undefined && <RunPanel key={run} id={run} mayCancel={mayStart} />}
    </section>
  );
}
