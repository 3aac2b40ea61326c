import type { CapsuleEvent, Json, Truncation } from '../core/event.ts';
import { pointerStep, truncationOf } from './truncation.ts';

/** Longest text of one field, in UTF-8 bytes. */
export const MAX_TEXT_BYTES = 256 * 1024;
/** As redaction writes it; the rest of a marker has no `]` but its last. */
const MARKER_BEGINS = '[redacted:';
/** Longest body as JSON; well below what one delivery may hold. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** In UTF-8 bytes: of the longest text of one field, and of the body as JSON. */
export interface SizeLimits {
  text: number;
  body: number;
}
const USUAL: SizeLimits = { text: MAX_TEXT_BYTES, body: MAX_BODY_BYTES };
/** A body of this size fits through anything; what makes it up then are names and numbers, which are not to be cut. */
const SMALLEST_BODY_BYTES = 16 * 1024;

/**
 * The event with every text of its body cut to size, and, where the body is still too large, without its largest parts. To
 * be applied after redaction: half a secret is no longer found. What was cut is listed in `truncated`; of a text that was
 * cut before, what it was at first.
 */
export function cutToSize(event: CapsuleEvent, limits = USUAL): CapsuleEvent {
  if (JSON.stringify(event.body).length <= limits.text / 3) return event;
  const truncated: Truncation[] = [];
  const cut = cutValue(event.body as unknown as Json, '/body', { truncated, limits }) as { [key: string]: Json };
  const fitted = dropLargest(cut, { truncated, limits });
  if (truncated.length === 0) return event;
  const before = event.truncated ?? [];
  const anew = truncated.filter(({ field }) => !before.some((known) => known.field === field));
  // Only texts and JSON parts were replaced, by texts and null, which is what those fields may hold.
  return { ...event, body: fitted, truncated: [...before, ...anew] } as unknown as CapsuleEvent;
}

/** For what does not fit through on its way: at most half as large a body, or undefined when there is nothing left to cut. */
export function cutToHalf(event: CapsuleEvent): CapsuleEvent | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(event.body));
  if (bytes < SMALLEST_BODY_BYTES) return undefined;
  return cutToSize(event, { text: Math.floor(bytes / 4), body: Math.floor(bytes / 2) });
}

interface Cutting {
  truncated: Truncation[];
  limits: SizeLimits;
}

function cutValue(value: Json, pointer: string, cutting: Cutting): Json {
  if (typeof value === 'string') return cutText(value, pointer, cutting);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => cutValue(item, `${pointer}/${index}`, cutting));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, cutValue(item, pointer + pointerStep(key), cutting)]),
  );
}

function cutText(text: string, pointer: string, { truncated, limits }: Cutting): string {
  if (text.length <= limits.text / 3 || Buffer.byteLength(text) <= limits.text) return text;
  truncated.push(truncationOf(pointer, text));
  const bytes = Buffer.from(text).subarray(0, limits.text);
  // Not in the middle of a character.
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  const kept = bytes.toString('utf8', 0, (bytes[end - 1] ?? 0) >= 0xc0 ? end - 1 : bytes.length);
  return withoutHalfMarker(kept);
}

/** Half of what stands for a secret would read as somebody's text. */
function withoutHalfMarker(text: string): string {
  const open = text.lastIndexOf('[');
  const tail = open === -1 ? '' : text.slice(open);
  const half = MARKER_BEGINS.startsWith(tail) || (tail.startsWith(MARKER_BEGINS) && !tail.includes(']'));
  return half && tail !== '' ? text.slice(0, open) : text;
}

const sizeOf = (value: Json | undefined) => Buffer.byteLength(JSON.stringify(value ?? null));

/** A tool's arguments and result, an inventory's lists: the only fields that can be large without one long text. */
function dropLargest(body: { [key: string]: Json }, { truncated, limits }: Cutting): { [key: string]: Json } {
  const kept = { ...body };
  while (sizeOf(kept) > limits.body) {
    const [key, value] = Object.entries(kept).reduce((largest, entry) =>
      sizeOf(entry[1]) > sizeOf(largest[1]) ? entry : largest,
    );
    truncated.push(truncationOf(`/body${pointerStep(key)}`, JSON.stringify(value)));
    kept[key] = Array.isArray(value) && key !== 'arguments' && key !== 'result' ? [] : null;
  }
  return kept;
}
