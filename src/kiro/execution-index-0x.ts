import { z } from 'zod';
import { field, id, listOf, moment, parseBy } from './fields-0x.ts';

/** What Kiro 0.x's index of a workspace says of one execution; `start` in ms (kiro/README Z1). */
export interface IndexEntry {
  executionId: string;
  status: string | null;
  start: number | null;
}

const Index = z.object({
  executions: listOf(z.object({ executionId: id, status: field(z.string()), startTime: field(moment) })),
});

/** The entries of an index file; null when it does not parse, so that nothing of it is known. */
export function parseExecutionIndex(json: string): IndexEntry[] | null {
  const index = parseBy(Index, json);
  return (
    index?.executions.map(({ executionId, status, startTime }) => ({ executionId, status, start: startTime })) ?? null
  );
}
