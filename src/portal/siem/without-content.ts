import { createHash } from 'node:crypto';
import type { CapsuleEvent, Json, Truncation } from '../../core/event.ts';

/** Fields of any event's body that hold what a person, the model or a tool wrote. */
const TEXTS: ReadonlySet<string> = new Set([
  'text',
  'arguments',
  'result',
  'error',
  'command',
  'description',
  'action',
  'pattern',
]);
/** What the contract has as a text, and never as null. */
const NEVER_NULL: ReadonlySet<string> = new Set(['action', 'pattern']);

/**
 * The event without any text that was captured: names, kinds, times, sizes and hashes stay, and what is taken out is listed in
 * `truncated`. An agent whose content level is `metadata` sends nothing else. Pure.
 */
export function withoutContent(event: CapsuleEvent): CapsuleEvent {
  const truncated: Truncation[] = [...(event.truncated ?? [])];
  const strip = (value: Json, pointer: string): Json => {
    if (Array.isArray(value)) return value.map((item, index) => strip(item, `${pointer}/${index}`));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, part]) => {
        const field = `${pointer}/${name}`;
        if (!TEXTS.has(name) || part === null || part === '') return [[name, strip(part, field)]];
        truncated.push(lengthOf(field, part));
        if (name === 'error') return [];
        return [[name, NEVER_NULL.has(name) ? '' : null]];
      }),
    );
  };
  const body = strip(event.body as unknown as Json, '/body') as Record<string, Json>;
  const { title } = event.session;
  if (title !== null) truncated.push(lengthOf('/session/title', title));
  const named = { ...body, ...withoutNames(event, body) };
  const session = { ...event.session, title: null };
  const source = { ...event.source, content: 'metadata' as const };
  return {
    ...event,
    ...{ session, source, body: named },
    ...(truncated.length > 0 && { truncated }),
  } as unknown as CapsuleEvent;
}

/** Names that a person chose for what is theirs: of files they attached; and of trust entries, whose names are commands. */
function withoutNames(event: CapsuleEvent, body: Record<string, Json>): Record<string, unknown> {
  if (event.kind === 'prompt.submitted')
    return { attachments: event.body.attachments.map((each) => ({ ...each, name: null })) };
  if (event.kind !== 'session.started' || event.body.changed === undefined) return body;
  return { changed: event.body.changed.map((each) => (each.what === 'trust' ? { ...each, name: '' } : each)) };
}

function lengthOf(field: string, value: Json): Truncation {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { field, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}
