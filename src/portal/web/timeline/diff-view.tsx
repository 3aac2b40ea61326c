import { useMemo } from 'preact/hooks';
import type { Stretch } from '../../filter/words.ts';
import { counted } from '../format.ts';
import { Parts } from './code-text.tsx';
import { type Diff, type DiffLine, diffOf } from './edit.ts';
import type { Language } from './language.ts';
import type { Painted } from './painted.ts';
import { useHighlight } from './use-highlight.ts';

interface DiffProps {
  before: string;
  after: string;
  rules: ReadonlySet<string>;
  language: Language | undefined;
}

/** What an edit takes away and adds, line by line: by sign and word, and by colour for whoever sees it. */
export function DiffView({ before, after, rules, language }: DiffProps) {
  const diff = useMemo(() => diffOf(before, after), [before, after]);
  if (diff === undefined) return <p class="no-text">The two texts differ too much to be compared; both are below.</p>;
  if (diff.hunks.length === 0) return <p class="no-text">Nothing differs.</p>;
  return <Lines diff={diff} rules={rules} language={language} />;
}

/** Beyond so many lines the rest is folded. */
const SHOWN = 60;

interface LinesProps extends Pick<DiffProps, 'rules' | 'language'> {
  diff: Diff;
}

function Lines({ diff: { hunks, added, removed }, rules, language }: LinesProps) {
  const painted = useHighlight(hunks.map((lines) => lines.map(({ text }) => text).join('\n')).join('\n'), language);
  let at = 0;
  const rows = hunks.flatMap((lines, hunk) => {
    const drawn = lines.map((line, index) => {
      const offset = at;
      at += line.text.length + 1;
      return <Line key={`${hunk} ${index}`} line={line} rules={rules} painted={painted} offset={offset} />;
    });
    return hunk === 0
      ? drawn
      : [
          <div key={hunk} class="diff-apart">
            ⋯
          </div>,
          ...drawn,
        ];
  });
  const rest = rows.slice(SHOWN);
  return (
    <div class="captured code diff">
      <p class="diff-sum">
        <span class="hidden-words">
          {counted(added, 'line')} added, {counted(removed, 'line')} removed
        </span>
        <span aria-hidden="true">
          <span class="good">+{added}</span> <span class="bad">−{removed}</span>
        </span>
      </p>
      {rows.slice(0, SHOWN)}
      {rest.length > 0 && (
        <details class="fold">
          <summary>{counted(rest.length, 'more line')}</summary>
          {rest}
        </details>
      )}
    </div>
  );
}

interface LineProps {
  line: DiffLine;
  rules: ReadonlySet<string>;
  painted: readonly Painted[];
  offset: number;
}

/** The sign is text, so that it is read aloud, found and copied. */
const Line = ({ line: { sign, text, changed }, rules, painted, offset }: LineProps) => {
  const marks = changed.map(([start, end]): Stretch => [offset + start, offset + end]);
  const shown = (
    <>
      {sign} <Parts text={text} rules={rules} marks={marks} painted={painted} offset={offset} />
      {'\n'}
    </>
  );
  if (sign === '+') return <ins class="diff-line">{shown}</ins>;
  if (sign === '-') return <del class="diff-line">{shown}</del>;
  return <div class="diff-line">{shown}</div>;
};
