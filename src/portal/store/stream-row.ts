import type { EventKind } from '../../core/event.ts';
import type { Choice, Destination, Stream } from '../siem/stream.ts';
import type { DueStream, StreamTarget } from '../siem/stream-store.ts';

/** Up to here it is counted what a stream has before it. */
export const FAR_BEHIND = 10_000;

/** A row of `streams`. `settings` is the JSON of what a person chose. */
export interface StreamRow {
  id: string;
  settings: string;
  created_at: string;
  created_by: string;
  disabled_at: string | null;
  sent: number;
  sent_at: string | null;
  missed: number;
  trouble: string | null;
  next_at: string | null;
  position: number;
  step: number;
}

/** What a person chose, as it is stored: the database need not know more of it. */
export const writeSettings = ({ format, kinds, severities, content, destination }: Settings): string =>
  JSON.stringify({ format, kinds, severities, content, destination });
/** Undoes `writeSettings`. */
export const readSettings = (text: string): Settings => JSON.parse(text) as Settings;
type Settings = Choice & { destination: Destination };

/** The stream that a row tells of. */
export const toStream = (row: StreamRow, behind: number): Stream => ({
  ...readSettings(row.settings),
  id: row.id,
  createdAt: row.created_at,
  createdBy: row.created_by,
  enabled: row.disabled_at === null,
  sent: row.sent,
  sentAt: row.sent_at,
  behind,
  missed: row.missed,
  trouble: row.trouble,
  nextAt: row.next_at,
});

export interface TargetRow {
  id: string;
  org: string;
  organisation: string;
  settings: string;
  secret: string;
}
export type DueRow = TargetRow & { position: number; step: number; tries: number };

/** Whereto a row's stream goes. */
export const toTarget = ({ settings, ...row }: TargetRow): StreamTarget => ({ ...row, ...readSettings(settings) });
/** A stream with what it has to do next. */
export const toDue = ({ position, step, tries, ...row }: DueRow): DueStream => ({
  ...toTarget(row),
  tries,
  place: { position, step },
});

/** A link of the chain, with what is left of its event. */
export interface LinkRow {
  position: number;
  ref: number;
  kind: EventKind | null;
  received_at: string | null;
  bytes: number | null;
}

/** Which of the links' events to read, by size; where that leads; and how many are stored no more. Pure. */
export function portionOf(
  links: readonly LinkRow[],
  from: number,
  { kinds, maxBytes }: { kinds: readonly EventKind[]; maxBytes: number },
): { wanted: LinkRow[]; to: number; missed: number } {
  const portion: { wanted: LinkRow[]; to: number; missed: number } = { wanted: [], to: from, missed: 0 };
  let bytes = 0;
  for (const link of links) {
    const isWanted = link.kind !== null && kinds.includes(link.kind);
    if (isWanted) bytes += link.bytes ?? 0;
    if (isWanted && bytes > maxBytes && portion.wanted.length > 0) break;
    if (isWanted) portion.wanted.push(link);
    if (link.kind === null) portion.missed++;
    portion.to = link.position;
  }
  return portion;
}
