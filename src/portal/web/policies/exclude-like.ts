import type { CapsuleEvent, Json } from '../../../core/event.ts';
import type { Evidence } from '../../policies/records.ts';

/**
 * The expression narrowed so that it no longer finds what this event did: the same text in the same place, by the same user.
 * Undefined when the event has no such text. Pure.
 */
export function excludeLike(
  expression: string,
  event: CapsuleEvent,
  evidence: readonly Evidence[],
): string | undefined {
  for (const { event: of, path } of evidence) {
    if (of !== event.id) continue;
    const value = valueAt(event as unknown as Json, path.split('/').slice(1));
    if (typeof value !== 'string' || value.length > MAX_LENGTH) continue;
    const clauses = [
      `event.kind == ${literal(event.kind)}`,
      `event.device.user == ${literal(event.device.user)}`,
      ...placeClauses(path, value),
    ];
    return `(${expression.trim()}) &&\n!(${clauses.join(' && ')})`;
  }
  return undefined;
}
const MAX_LENGTH = 1_000;

/** Asks for each step of the way before it is gone, because asking for what is not there is an error. */
function placeClauses(path: string, value: string): string[] {
  const clauses: string[] = [];
  let at = 'event.body';
  for (const step of path.split('/').slice(2)) {
    const key = literal(step.replaceAll('~1', '/').replaceAll('~0', '~'));
    clauses.push(`${key} in ${at}`);
    at = `${at}[${key}]`;
  }
  return [...clauses, `${at} == ${literal(value)}`];
}

/** As CEL writes a text: like JSON, which knows no escape that CEL does not. */
const literal = (text: string): string => JSON.stringify(text);

function valueAt(value: Json, [step, ...rest]: readonly string[]): Json | undefined {
  if (step === undefined) return value;
  // An entry of a list is named by its place, which says nothing about the next event.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
  if (!Object.hasOwn(value, key)) return undefined;
  return valueAt((value as Readonly<Record<string, Json>>)[key] as Json, rest);
}
