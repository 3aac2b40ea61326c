import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { chipsOf, withChipTurned, withoutChip, withParts } from '../../filter/chips.ts';
import type { Grammar } from '../../filter/grammar.ts';
import { counted } from '../format.ts';
import { useKeys } from '../keys.ts';
import { go } from '../router.ts';
import { AddFilter } from './add-filter.tsx';

interface FilterBarProps {
  path: string;
  search: string;
  grammar: Grammar;
  /** What the text search looks through; no field for it when it is not given. */
  searches?: string;
  /** The range that holds when the address names none; no choice of time when it is not given. */
  range?: string;
  /** What the server did not understand of the address. */
  misunderstood?: readonly string[] | undefined;
  children?: ComponentChildren;
}

/** What a list is narrowed by, all of it in the address: time, text, and a chip for everything else. */
export function FilterBar({ path, search, grammar, searches, range, misunderstood = [], children }: FilterBarProps) {
  return (
    <>
      <div class="filter-bar">
        {range !== undefined && <TimeRange path={path} search={search} usual={range} />}
        {searches !== undefined && <TextSearch path={path} search={search} label={searches} />}
        <AddFilter path={path} grammar={grammar} />
        {children}
      </div>
      <Chips path={path} search={search} grammar={grammar} />
      {misunderstood.length > 0 && (
        <p class="attention" role="status">
          {counted(misunderstood.length, 'filter')} in this link {misunderstood.length === 1 ? 'was' : 'were'} not
          understood and left out:{' '}
          {misunderstood.map((part, at) => (
            <>
              {at > 0 && ', '}
              <code>{part}</code>
            </>
          ))}
        </p>
      )}
    </>
  );
}

const Chips = ({ path, search, grammar }: Pick<FilterBarProps, 'path' | 'search' | 'grammar'>) => {
  const chips = chipsOf(grammar, search);
  if (chips.length === 0) return null;
  return (
    <ul class="filters" aria-label="Filters">
      {chips.map((chip) => (
        <li key={`${chip.name}=${chip.raw}`} class="filter">
          {chip.label} {chip.not ? <strong>is not</strong> : 'is'} <bdi class="mono">{chip.value}</bdi>{' '}
          <a
            href={path + withChipTurned(search, chip)}
            aria-label={`${chip.not ? 'Include' : 'Exclude'} ${chip.label} ${chip.value}`}
            title={chip.not ? 'Include instead' : 'Exclude instead'}
          >
            {chip.not ? '+' : '−'}
          </a>
          <a href={path + withoutChip(search, chip)} aria-label={`Remove the filter ${chip.label} ${chip.value}`}>
            ✕
          </a>
        </li>
      ))}
    </ul>
  );
};

const RANGES: readonly (readonly [string, string])[] = [
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['90d', 'Last 90 days'],
  ['all', 'All time'],
];

function TimeRange({ path, search, usual }: { path: string; search: string; usual: string }) {
  const query = new URLSearchParams(search);
  const [from, to] = [query.get('from'), query.get('to')];
  const own = from !== null || to !== null;
  const current = own ? 'own' : (query.get('range') ?? usual);
  const known = own || RANGES.some(([value]) => value === current);
  return (
    <>
      <select
        aria-label="Time range"
        value={current}
        onChange={(event) => {
          go(path + withParts(search, { range: event.currentTarget.value, from: null, to: null }));
        }}
      >
        {RANGES.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
        {!known && <option value={current}>{current}</option>}
        {own && <option value="own">Chosen times</option>}
      </select>
      {own && (
        <span class="meta mono">
          {shortTime(from) ?? 'the beginning'} – {shortTime(to) ?? 'now'} UTC
        </span>
      )}
    </>
  );
}

const shortTime = (iso: string | null): string | null => (iso === null ? null : iso.slice(0, 16).replace('T', ' '));

const TYPING_MS = 250;

function TextSearch({ path, search, label }: { path: string; search: string; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useKeys({ '/': () => field.current?.focus() });
  const type = (q: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go(path + withParts(location.search, { q }), { replace: true }), TYPING_MS);
  };
  return (
    <input
      ref={field}
      type="search"
      class="search"
      aria-label={label}
      placeholder={label}
      value={new URLSearchParams(search).get('q') ?? ''}
      onInput={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
