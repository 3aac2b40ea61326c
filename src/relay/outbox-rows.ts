import type { Ring } from './ring.ts';

export type Row = Record<string, unknown>;

/** An event as it waits: `seq` is its place in the order, `json` its text as it goes out. */
export interface Waiting {
  seq: number;
  id: string;
  json: string;
}

/** A column that may be empty. Pure. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A ring as `noteRing` stored it. Pure. */
export function toRing(row: Row): Ring {
  const from = row.origin === 'env' || row.origin === 'stdin' ? row.origin : 'unknown';
  return {
    name: String(row.name),
    time: String(row.time),
    from,
    sessionId: textOrNull(row.session),
    cwd: textOrNull(row.cwd),
  };
}

/** As many as fit into `maxBytes`. The first always comes along, however large: it must leave some day. Pure. */
export function takeWhileSmall(rows: Iterable<Row>, maxBytes: number): Waiting[] {
  const taken: Waiting[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += Number(row.bytes);
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push({ seq: Number(row.seq), id: String(row.id), json: String(row.json) });
  }
  return taken;
}
