import type { CliCursor } from './cursor-cli2.ts';
import type { SourceRead } from './session-source.ts';

/** A reading that found nothing. */
export function nothingNew(cursor: CliCursor): SourceRead & { cursor: CliCursor } {
  return { events: [], cursor, openTurn: null, more: false, skippedLines: 0, unknown: {} };
}

/** How often each name occurs. */
export function countNames(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
