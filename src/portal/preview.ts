import type { CapsuleEvent, Json } from '../core/event.ts';
import type { Cut, ListedEvent } from './answers.ts';

/** A text longer than this many UTF-16 units is cut in lists and timelines. */
export const PREVIEW_LENGTH = 4_096;
/** After this much text of one event, the rest of it is cut far shorter. */
const ROOM = 65_536;
const SHORT_LENGTH = 256;
const MAX_ITEMS = 100;
const SHORT_ITEMS = 10;
const MAX_DEPTH = 12;

/** The first `length` units of a text, never half a character. */
export function headOf(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? length - 1 : length);
}

/**
 * The event with its long texts cut, and where. Bounded whatever was captured: a timeline shows thousands of these, and
 * `/api/events/:id` has the whole.
 */
export function previewEvent(event: CapsuleEvent): ListedEvent {
  const spent: Spent = { cut: [], room: ROOM };
  const body = previewJson(event.body as unknown as Json, '/body', spent, 0);
  return spent.cut.length === 0 ? event : ({ ...event, body, cut: spent.cut } as unknown as ListedEvent);
}

interface Spent {
  cut: Cut[];
  room: number;
}

function previewJson(value: Json, field: string, spent: Spent, depth: number): Json {
  if (typeof value === 'string') return previewText(value, field, spent);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return previewText(JSON.stringify(value), field, spent);
  const limit = spent.room > 0 ? MAX_ITEMS : SHORT_ITEMS;
  const entries = Object.entries(value);
  if (entries.length > limit) spent.cut.push({ field, bytes: Buffer.byteLength(JSON.stringify(value)) });
  const shown = entries
    .slice(0, limit)
    .map(([key, item]) => [key, previewJson(item, `${field}/${escapeKey(key)}`, spent, depth + 1)] as const);
  return Array.isArray(value) ? shown.map(([, item]) => item) : Object.fromEntries(shown);
}

function previewText(text: string, field: string, spent: Spent): string {
  const limit = spent.room > 0 ? PREVIEW_LENGTH : SHORT_LENGTH;
  const shown = headOf(text, limit);
  if (shown.length < text.length) spent.cut.push({ field, bytes: Buffer.byteLength(text) });
  spent.room -= shown.length;
  return shown;
}

/** As a step of a JSON Pointer (RFC 6901). */
const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
