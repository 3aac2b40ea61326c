import type { ListedEvent } from '../../answers.ts';
import type { Stretch } from '../../filter/words.ts';
import { cutAtMarks, useMarks } from '../detections/evidence.ts';
import { bytes, counted } from '../format.ts';
import { foldLines, splitText } from './text-parts.ts';
import type { Whole } from './whole-event.ts';

/** Longer texts are shown up to here; the rest is in the download. */
const MAX_SHOWN = 262_144;

interface CapturedTextProps {
  text: string;
  /** JSON Pointer of the text in its event, to know what was cut where. */
  field: string;
  event: ListedEvent;
  whole: Whole;
  /** Code and output: in mono, long ones folded. */
  code?: boolean;
}

/** A text as it was captured. It becomes text nodes and our own chips, never HTML. */
export function CapturedText({ text, field, event, whole, code = false }: CapturedTextProps) {
  const shown = text.slice(0, MAX_SHOWN);
  const rules = new Set(event.redactions.map(({ rule }) => rule));
  const marks = useMarks(event.id, field);
  if (text === '') return <p class="no-text">empty</p>;
  const look = code ? (isShort(text) ? ' code short' : ' code') : '';
  return (
    <div class={`captured${look}`} dir="auto">
      {code ? <Folded text={shown} rules={rules} marks={marks} /> : <Parts text={shown} rules={rules} marks={marks} />}
      <Cuts field={field} event={event} whole={whole} beyond={text.length > MAX_SHOWN} />
    </div>
  );
}

/** One line that needs no box around it. */
const isShort = (text: string): boolean => text.length <= 120 && !text.includes('\n');

interface PartsProps {
  text: string;
  rules: ReadonlySet<string>;
  marks: readonly Stretch[];
  /** Where this part begins in the text that the marks are of. */
  offset?: number;
}

function Folded({ text, rules, marks }: PartsProps) {
  const { head, middle, tail } = foldLines(text);
  const after = head.length + 1;
  const end = after + (middle?.text.length ?? 0);
  const isMarked = marks.some(([from, to]) => to > after && from < end);
  return (
    <>
      <Parts text={head} rules={rules} marks={marks} />
      {middle !== undefined && (
        <>
          <details class="fold" open={isMarked}>
            <summary>{counted(middle.lines, 'more line')}</summary>
            <Parts text={middle.text} rules={rules} marks={marks} offset={after} />
          </details>
          <Parts text={tail} rules={rules} marks={marks} offset={end + 1} />
        </>
      )}
    </>
  );
}

function Parts({ text, rules, marks, offset = 0 }: PartsProps) {
  return (
    <>
      {cutAtMarks(text, marks, offset).map((piece) =>
        piece.marked ? (
          <mark>
            <Piece text={piece.text} rules={rules} />
          </mark>
        ) : (
          <Piece text={piece.text} rules={rules} />
        ),
      )}
    </>
  );
}

/** A text with what cannot be seen drawn, and a chip for each place where one of these rules took something out. */
export function Piece({ text, rules }: Pick<PartsProps, 'text' | 'rules'>) {
  return (
    <>
      {splitText(text, rules).map((part) => {
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

/** What is not shown of a text, and how to get it. */
function Cuts({ field, event, whole, beyond }: Omit<CapturedTextProps, 'text' | 'code'> & { beyond: boolean }) {
  const below = ({ field: cut }: { field: string }) => cut === field || cut.startsWith(`${field}/`);
  const cut = event.cut?.filter(below) ?? [];
  const lost = event.truncated?.filter(below) ?? [];
  return (
    <>
      {cut.length > 0 && (
        <p class="cut">
          Beginning of {bytes(cut.reduce((sum, { bytes: size }) => sum + size, 0))} ·{' '}
          <button type="button" class="as-link" onClick={whole.load} disabled={whole.loading}>
            {whole.loading ? 'Loading …' : 'Show all'}
          </button>{' '}
          · <Download id={event.id} />
          {whole.problem !== undefined && <span class="bad"> {whole.problem}</span>}
        </p>
      )}
      {beyond && (
        <p class="cut">
          The first {bytes(MAX_SHOWN)} · <Download id={event.id} />
        </p>
      )}
      {lost.map(({ field: at, bytes: size, sha256 }) => (
        <p key={at} class="cut">
          Cut on the device: the whole text had {bytes(size)}, SHA-256 <span class="mono">{sha256.slice(0, 16)}…</span>
        </p>
      ))}
    </>
  );
}

const Download = ({ id }: { id: string }) => (
  <a href={`/api/events/${encodeURIComponent(id)}`} download={`${id}.json`}>
    Download the event
  </a>
);

/** Stands where a text was not collected, and says how much there was. */
export function NoText({ event, field }: { event: ListedEvent; field: string }) {
  const lost = event.truncated?.find((entry) => entry.field === field);
  const why =
    event.source.content === 'metadata' ? 'Not collected: this workspace sends metadata only' : 'No text is recorded';
  return (
    <p class="no-text">
      {why}
      {lost !== undefined && (
        <>
          {' '}
          ({bytes(lost.bytes)}, SHA-256 <span class="mono">{lost.sha256.slice(0, 16)}…</span>)
        </>
      )}
    </p>
  );
}
