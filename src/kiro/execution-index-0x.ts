import * as z from 'zod';
import { field, id, listOf, moment, parseBoth, within } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';

/** What Kiro 0.x's index of a workspace says of one execution; times in ms (kiro/README Z1). */
export interface IndexEntry {
  executionId: string;
  status: string | null;
  start: number | null;
  /** null while it runs. */
  end: number | null;
}

/** A workspace's index, and the fields and shapes in it that are not known, by name. */
export interface ExecutionIndex {
  entries: IndexEntry[];
  unknown: Record<string, number>;
}

const Entry = z.object({
  executionId: id,
  status: field(z.string()),
  startTime: field(moment),
  endTime: field(moment),
});
const Index = z.object({ executions: listOf(Entry) });

/** An index file; null when it does not parse, so that nothing of it is known. */
export function parseExecutionIndex(json: string): ExecutionIndex | null {
  const both = parseBoth(Index, json);
  if (both === null) return null;
  const { executions } = both.known;
  return {
    entries: executions.map(({ executionId, status, startTime, endTime }) => ({
      executionId,
      status,
      start: startTime,
      end: endTime,
    })),
    unknown: unknownFields0x('index', both.all, {
      name: 'index.executions',
      list: within(both.all, 'executions'),
      read: executions.length,
    }),
  };
}
