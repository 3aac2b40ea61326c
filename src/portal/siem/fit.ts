import { createHash } from 'node:crypto';
import type { CapsuleEvent, Json, Truncation } from '../../core/event.ts';
import { asciiJson } from './syslog-message.ts';

/** Texts that are shorter are not worth cutting. */
const WORTH_BYTES = 128;

interface Largest {
  parent: Record<string, Json> | Json[];
  key: string | number;
  pointer: string;
  bytes: number;
}

/**
 * The event with its largest texts and lists cut until what `measure` says is within the limit; what was cut is listed in `truncated`, as an
 * agent does it. Where nothing is left to cut it is larger all the same. Pure: the event that is given stays as it is.
 */
export function fitEvent(event: CapsuleEvent, limit: number, measure: (event: CapsuleEvent) => number): CapsuleEvent {
  let size = measure(event);
  if (size <= limit) return event;
  const copy = structuredClone(event);
  const cut = new Map<string, Truncation>();
  for (const one of copy.truncated ?? []) cut.set(one.field, one);
  while (size > limit) {
    const largest = largestIn({ body: copy.body as unknown as Json, redactions: copy.redactions as unknown as Json });
    if (largest === undefined) break;
    if (!cut.has(largest.pointer)) cut.set(largest.pointer, truncationOf(largest));
    // Letters are of several sizes, and noting the cut takes some bytes, too: whatever it comes to, it is measured again.
    shorten(largest, size - limit + WORTH_BYTES);
    copy.truncated = [...cut.values()];
    size = measure(copy);
  }
  return copy;
}

function largestIn(root: Record<string, Json>): Largest | undefined {
  const found: Largest[] = [];
  const look = (parent: Record<string, Json> | Json[], pointer: string): void => {
    for (const [name, value] of Object.entries(parent) as [string, Json][]) {
      const at = `${pointer}/${name}`;
      found.push({ parent, key: Array.isArray(parent) ? Number(name) : name, pointer: at, bytes: sizeOf(value) });
      if (value !== null && typeof value === 'object') look(value, at);
    }
  };
  look(root, '');
  return found
    .filter(({ bytes }) => bytes > WORTH_BYTES)
    .reduce<Largest | undefined>((most, each) => (each.bytes > (most?.bytes ?? 0) ? each : most), undefined);
}

const sizeOf = (value: Json): number =>
  typeof value === 'string' ? asciiJson(value).length : Array.isArray(value) ? weightOf(value) : 0;

/** What a list holds beside texts that can be cut themselves. */
const weightOf = (list: readonly Json[]): number =>
  list.length < 2
    ? 0
    : list.reduce<number>((sum, item) => sum + Math.min(Buffer.byteLength(JSON.stringify(item)), 1024), 0);

function shorten({ parent, key, bytes }: Largest, by: number): void {
  const value = Reflect.get(parent, key) as string | Json[];
  const share = Math.max(0, 1 - by / bytes);
  const keep = Math.floor(Math.min(value.length - 1, Math.max(value.length * share, value.length / 16)));
  // Not between the halves of a pair.
  Reflect.set(
    parent,
    key,
    typeof value === 'string' ? value.slice(0, keep).replace(/[\ud800-\udbff]$/, '') : value.slice(0, keep),
  );
}

function truncationOf({ parent, key, pointer }: Largest): Truncation {
  const value = Reflect.get(parent, key) as Json;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { field: pointer, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}
