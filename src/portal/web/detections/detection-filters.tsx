import type { CountsAnswer, DetectionState } from '../../policies/records.ts';
import { number } from '../format.ts';
import { useAccount } from '../me.ts';
import { DETECTIONS, withQuery } from '../pages.ts';
import { go as goTo } from '../router.ts';
import { SEVERITY_NAMES, type SeverityName, severityWord } from '../severity.tsx';

type Counts = CountsAnswer['counts'];
const TABS: readonly (readonly [state: string | null, words: string, states: readonly DetectionState[]])[] = [
  [null, 'To do', ['open', 'in_review']],
  ['closed', 'Closed', ['closed']],
  ['false_positive', 'False positives', ['false_positive']],
  ['all', 'All', ['open', 'in_review', 'closed', 'false_positive', 'withdrawn']],
];

/** Which detections are shown: by state, by severity, mine, and what links brought along. */
export function DetectionFilters({ search, counts }: { search: string; counts: Counts }) {
  const query = new URLSearchParams(search);
  const account = useAccount();
  const state = query.get('state');
  const mine = query.get('assignee') === account;
  const others = (['policy', 'user', 'agent', 'session', 'workspace', 'range'] as const).filter((name) =>
    query.has(name),
  );
  const to = (name: string, value: string | null) => firstPage(withQuery(DETECTIONS, search, name, value));
  return (
    <>
      <nav class="choices" aria-label="Which state">
        {TABS.map(([name, words, states]) => (
          <a key={words} href={to('state', name)} aria-current={state === name ? 'true' : undefined}>
            {words} <span class="choice-count">{number(sumOf(counts, states))}</span>
          </a>
        ))}
      </nav>
      <div class="filter-line">
        <label>
          <span class="meta">Severity</span>{' '}
          <select
            value={query.get('severity') ?? ''}
            onChange={({ currentTarget }) => goTo(to('severity', currentTarget.value))}
          >
            <option value="">any</option>
            {SEVERITY_NAMES.map((severity: SeverityName) => (
              <option key={severity} value={severity}>
                {severityWord(severity)}
              </option>
            ))}
          </select>
        </label>
        <label class="choice-option">
          <input type="checkbox" checked={mine} onChange={() => goTo(to('assignee', mine ? null : account))} />
          assigned to me
        </label>
        <ul class="filters" aria-label="Filters">
          {others.map((name) => (
            <li key={name} class="filter">
              {name}: <span class="mono">{query.get(name)}</span>{' '}
              <a href={to(name, null)} aria-label={`Remove the filter ${name}`}>
                ✕
              </a>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

const sumOf = (counts: Counts, states: readonly DetectionState[]): number =>
  counts.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);

const firstPage = (address: string): string => {
  const { pathname, search } = new URL(address, location.origin);
  return withQuery(pathname, search, 'cursor', null);
};
