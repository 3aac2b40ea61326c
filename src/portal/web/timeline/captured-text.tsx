import { useState } from 'preact/hooks';
import type { ListedEvent } from '../../answers.ts';
import { useMarks } from '../detections/evidence.ts';
import { bytes } from '../format.ts';
import { CodeText, Parts } from './code-text.tsx';
import type { Language } from './language.ts';
import { Markdown } from './markdown.tsx';
import type { Whole } from './whole-event.ts';

/** Longer texts are shown up to here; the rest is in the download. */
const MAX_SHOWN = 262_144;

interface CapturedTextProps {
  text: string;
  /** JSON Pointer of the text in its event, to know what was cut where. */
  field: string;
  event: ListedEvent;
  whole: Whole;
  /** `code`: in mono, long ones folded. `markdown`: as it is meant, unless the reader asks how it was written. */
  as?: 'text' | 'code' | 'markdown';
  language?: Language | undefined;
}

/** A text as it was captured. It becomes text nodes, elements and chips of our own, never HTML. */
export function CapturedText({ text, field, event, whole, as = 'text', language }: CapturedTextProps) {
  const shown = text.slice(0, MAX_SHOWN);
  const rules = new Set(event.redactions.map(({ rule }) => rule));
  const marks = useMarks(event.id, field);
  // Evidence lies at places of the text as it was written.
  const [written, setWritten] = useState<boolean>();
  const isWritten = written ?? marks.length > 0;
  if (text === '') return <p class="no-text">empty</p>;
  const look = as === 'code' ? (isShort(text) ? ' code short' : ' code') : '';
  const plain = <Parts text={shown} rules={rules} marks={marks} />;
  return (
    <div class={`captured${look}`} dir="auto">
      {as === 'code' ? (
        <CodeText text={shown} rules={rules} marks={marks} language={language} />
      ) : as === 'markdown' && !isWritten ? (
        <Markdown text={shown} rules={rules} otherwise={plain} />
      ) : (
        plain
      )}
      <Cuts field={field} event={event} whole={whole} beyond={text.length > MAX_SHOWN} />
      {as === 'markdown' && IS_FORMATTED.test(shown) && (
        <button
          type="button"
          class="as-link as-written"
          aria-pressed={isWritten}
          onClick={() => setWritten(!isWritten)}
        >
          As written
        </button>
      )}
    </div>
  );
}

/** One line that needs no box around it. */
const isShort = (text: string): boolean => text.length <= 120 && !text.includes('\n');

/** Signs that Markdown may read as something else than themselves. */
const IS_FORMATTED = /[*_`#~|<>[\]]|^\s*(?:[-+]|\d+[.)])\s/m;

/** What is not shown of a text, and how to get it. */
function Cuts({
  field,
  event,
  whole,
  beyond,
}: Pick<CapturedTextProps, 'field' | 'event' | 'whole'> & { beyond: boolean }) {
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
