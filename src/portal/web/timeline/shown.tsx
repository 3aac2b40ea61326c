import type { Redaction } from '../../../core/event.ts';
import { RedactedChip } from './captured-text.tsx';
import { splitText } from './text-parts.ts';

/** A captured text in a line or a block: hidden characters drawn, and chips where the event says that something was taken out. */
export const Shown = ({ text, redactions }: { text: string; redactions: readonly Redaction[] }) => (
  <>
    {splitText(text, new Set(redactions.map(({ rule }) => rule))).map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'redacted') return <RedactedChip rule={part.rule} hash={part.hash} />;
      return (
        <span class="hidden-char" title="A character that cannot be seen">
          {part.code}
        </span>
      );
    })}
  </>
);
