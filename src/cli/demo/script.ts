/** What the demo's Kiro writes and when: recorded sessions, cut where the hook runs. Pure. */
import path from 'node:path';
import * as z from 'zod';

const Record = z.looseObject({
  id: z.string(),
  timestamp: z.iso.datetime(),
  payload: z.looseObject({
    type: z.string(),
    operationType: z.string().optional(),
    executionId: z.string().optional(),
    toolCallId: z.string().optional(),
  }),
});
export type DemoRecord = z.infer<typeof Record>;

export interface DemoTurn {
  /** On disk when Kiro runs the hook. */
  before: DemoRecord[];
  /** Written only after the hook has returned (kiro/README on the order at a turn's end). */
  after: DemoRecord[];
}
export interface DemoSession {
  id: string;
  title: string;
  /** The text of `session.json`. */
  meta: string;
  turns: DemoTurn[];
}

/** A recorded session, moved to this workspace and so that it ended at `now`. */
export function stageSession(metaText: string, recordsText: string, workspace: string, now: Date): DemoSession {
  const lines = recordsText.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => Record.parse(JSON.parse(inWorkspace(line, workspace))));
  const last = Math.max(...records.map(({ timestamp }) => Date.parse(timestamp)));
  const moved = (time: string) => new Date(Date.parse(time) - last + now.getTime()).toISOString();
  const meta = z
    .looseObject({ id: z.string(), title: z.string(), createdAt: z.string(), lastModifiedAt: z.string() })
    .parse(JSON.parse(metaText));
  const places = { workspacePaths: [workspace], rootPaths: [workspace] };
  const times = { createdAt: moved(meta.createdAt), lastModifiedAt: moved(meta.lastModifiedAt) };
  return {
    id: meta.id,
    title: meta.title,
    meta: `${JSON.stringify({ ...meta, ...times, ...places }, null, 2)}\n`,
    turns: cutIntoTurns(records.map((record) => ({ ...record, timestamp: moved(record.timestamp) }))),
  };
}

const RECORDED_PLACES =
  /(?:c:(?:\\\\)+Users(?:\\\\)+dev(?:\\\\)+workspace(?:\\\\)+demo|\/home\/dev\/demo-app)((?:\\\\)+(?=[\w.]))?/g;

function inWorkspace(line: string, workspace: string): string {
  return line.replace(RECORDED_PLACES, (_, separator) => (separator === undefined ? workspace : `${workspace}/`));
}

const AFTER_THE_HOOK = new Set(['usage_summary', 'session_event', 'turn_end']);

/** A turn goes from one end to the next; what Kiro adds behind the last end belongs to it. */
export function cutIntoTurns(records: readonly DemoRecord[]): DemoTurn[] {
  const turns: DemoTurn[] = [];
  let turn: DemoTurn = { before: [], after: [] };
  for (const record of records) {
    const { type } = record.payload;
    if (type === 'user' && turn.after.length > 0) {
      turns.push(turn);
      turn = { before: [], after: [] };
    }
    if (turn.after.length > 0 || AFTER_THE_HOOK.has(type)) turn.after.push(record);
    else turn.before.push(record);
  }
  return [...turns, turn];
}

/** As they stand in `messages.jsonl`. */
export const toLines = (records: readonly DemoRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Where the demo's Kiro keeps a session; any bucket's name will do (kiro/README on buckets). */
export const sessionFolder = (home: string, session: DemoSession): string =>
  path.join(home, '.kiro', 'sessions', 'demo-bucket', session.id);
