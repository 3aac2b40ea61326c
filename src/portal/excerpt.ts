import type { CapsuleEvent, Json } from '../core/event.ts';
import type { Evidence } from './policies/records.ts';
import { headOf } from './preview.ts';

const LENGTH = 160;
const BEFORE = 40;

/** The line of an event that a detection is about, shortened around what was matched; null when it is about no text. Pure. */
export function excerptOf(event: CapsuleEvent, evidence: readonly Evidence[]): string | null {
  for (const { event: of, path, start } of evidence) {
    if (of !== event.id) continue;
    const value = valueAt(event as unknown as Json, path);
    if (typeof value === 'string') return lineAround(value, start ?? 0);
  }
  return wholeOf(event);
}

/** What stands for an event that is found as a whole. */
function wholeOf(event: CapsuleEvent): string | null {
  if (event.kind !== 'tool.invoked')
    return 'text' in event.body && event.body.text !== null ? lineAround(event.body.text, 0) : null;
  const texts = typeof event.body.arguments === 'object' ? Object.values(event.body.arguments ?? {}) : [];
  const argument = texts.find((text) => typeof text === 'string');
  return argument === undefined ? event.body.name : lineAround(`${event.body.name}  ${argument}`, 0);
}

function valueAt(value: Json, pointer: string): Json | undefined {
  let at: Json | undefined = value;
  for (const step of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    at = Object.hasOwn(at, key) ? (at as Readonly<Record<string, Json>>)[key] : undefined;
  }
  return at;
}

function lineAround(text: string, at: number): string {
  const lineStart = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
  const [line = ''] = text.slice(lineStart, lineStart + 10_000).split('\n', 1);
  const from = Math.max(0, at - lineStart - BEFORE);
  const cut = headOf(line.slice(from).trim(), LENGTH);
  return `${from > 0 ? '… ' : ''}${cut}${from + LENGTH < line.length ? ' …' : ''}`;
}
