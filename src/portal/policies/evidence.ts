import type { CapsuleEvent, Json } from '../../core/event.ts';
import { findFirst, type Hit } from './re2.ts';
import type { Evidence } from './records.ts';

const MAX_EVIDENCE = 10;
const MAX_TEXTS = 500;

/**
 * Where in the event the things are that made a policy match. What was matched are facts, which are brought into another form;
 * so the matched stretch is looked for in the event's own texts, by its whole and then by its last part. Redactions and
 * else the whole body stand for what is not found. Pure.
 */
export function evidenceOf(event: CapsuleEvent, hits: readonly Hit[]): Evidence[] {
  const texts = textsIn(event.body as unknown as Json, '/body');
  const found = hits.flatMap((hit) => locate(event.id, hit, texts) ?? []);
  const redacted = found.length > 0 ? [] : event.redactions.map((redaction) => atRedaction(event.id, redaction, texts));
  const all = [...found, ...redacted];
  const unique = [...new Map(all.map((each) => [`${each.path} ${each.start}`, each])).values()].slice(0, MAX_EVIDENCE);
  return unique.length > 0 ? unique : [{ event: event.id, path: '/body', start: null, end: null }];
}

interface Text {
  path: string;
  text: string;
}

function locate(event: string, hit: Hit, texts: readonly Text[]): Evidence | undefined {
  const range = findFirst(hit);
  if (range === undefined) return undefined;
  const stretch = hit.text.slice(range.start, range.end).trim();
  const line = hit.text.slice(hit.text.lastIndexOf('\n', range.start) + 1).split('\n')[0] ?? '';
  const ends = hit.text.includes('\n') ? '' : (hit.text.split(/[/|]/).at(-1) ?? '');
  // A matched line of script may differ from what was typed by its quotes alone; its first words still lead there.
  for (const wanted of [hit.text, stretch, line, ends, stretch.split(' ')[0] ?? '']) {
    if (wanted.length < 2) continue;
    for (const { path, text } of texts) {
      const start = text.indexOf(wanted);
      if (start >= 0) return { event, path, start, end: start + wanted.length };
    }
  }
  return undefined;
}

function atRedaction(
  event: string,
  { rule, field }: { rule: string; field: string },
  texts: readonly Text[],
): Evidence {
  const text = texts.find(({ path }) => path === field)?.text ?? '';
  const start = text.indexOf(`[redacted:${rule}:`);
  const end = text.indexOf(']', start);
  return start < 0 || end < 0
    ? { event, path: field, start: null, end: null }
    : { event, path: field, start, end: end + 1 };
}

function textsIn(value: Json, path: string, into: Text[] = []): Text[] {
  if (into.length >= MAX_TEXTS) return into;
  if (typeof value === 'string') into.push({ path, text: value });
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      textsIn(item as Json, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, into);
    }
  }
  return into;
}
