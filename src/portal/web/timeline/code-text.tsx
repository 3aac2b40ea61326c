import type { Stretch } from '../../filter/words.ts';
import { cutAtMarks } from '../detections/evidence.ts';
import { counted } from '../format.ts';
import type { Language } from './language.ts';
import type { Painted } from './painted.ts';
import { Piece } from './piece.tsx';
import { foldLines } from './text-parts.ts';
import { useHighlight } from './use-highlight.ts';

interface CodeProps {
  text: string;
  rules: ReadonlySet<string>;
  /** Where evidence lies. */
  marks?: readonly Stretch[];
  language?: Language | undefined;
  /** In a box of its own, inside running text. */
  boxed?: boolean;
}

const NO_MARKS: readonly Stretch[] = [];

/** Code or output: in mono, coloured where the language is known, the middle of a long one folded. */
export function CodeText({ text, rules, marks = NO_MARKS, language, boxed = false }: CodeProps) {
  const painted = useHighlight(text, language);
  const { head, middle, tail } = foldLines(text);
  const after = head.length + 1;
  const end = after + (middle?.text.length ?? 0);
  const isMarked = marks.some(([from, to]) => to > after && from < end);
  const common = { rules, marks, painted };
  const lines = (
    <>
      <Parts {...common} text={head} />
      {middle !== undefined && (
        <>
          <details class="fold" open={isMarked}>
            <summary>{counted(middle.lines, 'more line')}</summary>
            <Parts {...common} text={middle.text} offset={after} />
          </details>
          <Parts {...common} text={tail} offset={end + 1} />
        </>
      )}
    </>
  );
  return boxed ? <div class="captured code">{lines}</div> : lines;
}

interface PartsProps {
  text: string;
  rules: ReadonlySet<string>;
  marks: readonly Stretch[];
  painted?: readonly Painted[];
  /** Where this part begins in the text that marks and colours are of. */
  offset?: number;
}

/** A text, or a part of one, with evidence marked in it. */
export function Parts({ text, rules, marks, painted, offset = 0 }: PartsProps) {
  let at = offset;
  return (
    <>
      {cutAtMarks(text, marks, offset).map((piece) => {
        const start = at;
        at += piece.text.length;
        const shown = (
          <Piece text={piece.text} rules={rules} offset={start} {...(painted !== undefined && { painted })} />
        );
        return piece.marked ? <mark>{shown}</mark> : shown;
      })}
    </>
  );
}
