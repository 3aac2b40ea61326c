import { cutAtPaint, type Painted } from './painted.ts';
import { splitText, type TextPart } from './text-parts.ts';

interface PieceProps {
  text: string;
  rules: ReadonlySet<string>;
  /** The colours of the whole that this is a piece of, and where in it the piece begins. */
  painted?: readonly Painted[];
  offset?: number;
}

/** A text with what cannot be seen drawn, and a chip for each place where one of these rules took something out. */
export function Piece({ text, rules, painted = [], offset = 0 }: PieceProps) {
  let at = offset;
  return (
    <>
      {splitText(text, rules).map((part) => {
        const start = at;
        at += lengthOf(part);
        if (part.kind === 'redacted') return <RedactedChip rule={part.rule} hash={part.hash} />;
        if (part.kind === 'style') return null;
        if (part.kind === 'text') return painted.length === 0 ? part.text : coloured(part.text, painted, start);
        return (
          <span class="hidden-char" title="A character that cannot be seen">
            {part.code}
          </span>
        );
      })}
    </>
  );
}

const coloured = (text: string, painted: readonly Painted[], offset: number) =>
  cutAtPaint(text, painted, offset).map((piece) =>
    piece.kind === null ? piece.text : <span class={`hl-${piece.kind}`}>{piece.text}</span>,
  );

/** As it stood in the text. */
function lengthOf(part: TextPart): number {
  if (part.kind === 'text' || part.kind === 'style') return part.text.length;
  if (part.kind === 'redacted') return `[redacted:${part.rule}:${part.hash}]`.length;
  return Number.parseInt(part.code.slice(2), 16) > 0xffff ? 2 : 1;
}

/** The same hash is the same secret, on this device. */
export const RedactedChip = ({ rule, hash }: { rule: string; hash: string }) => (
  <span
    class="chip"
    title="Taken out on the developer's machine; it cannot be shown. The same hash is the same secret."
  >
    {rule} <span class="chip-hash">{hash}</span>
  </span>
);
