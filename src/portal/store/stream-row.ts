import type { EventKind } from '../../core/event.ts';
import { changesBetween, type NotedAct } from '../noted-act.ts';
import { sayDestination } from '../siem/say-destination.ts';
import type { Stream, StreamSettings } from '../siem/stream.ts';
import type { DueStream, StreamTarget, Turned } from '../siem/stream-store.ts';

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
  tries: number;
  next_at: string | null;
  position: number;
  step: number;
}

/** What a person chose, as it is stored: the database need not know more of it. */
export const writeSettings = ({ name, format, kinds, severities, content, destination }: StreamSettings): string =>
  JSON.stringify({ name, format, kinds, severities, content, destination });
/** Undoes `writeSettings`. Streams had no names once. */
export const readSettings = (text: string): StreamSettings => ({
  ...NAMELESS,
  ...(JSON.parse(text) as StreamSettings),
});
const NAMELESS: Partial<StreamSettings> = { name: '' };

/** What a change of a stream comes to. */
export interface StreamChange {
  settings: string;
  disabledAt: string | null;
  /** It sent none of these until now: they begin with what comes. */
  skips: { events: boolean; detections: boolean };
  act: Pick<NotedAct, 'act' | 'changes'>;
}

/** Undefined when nothing changes. Pure but for `make`. */
export function changeOf(
  row: Pick<StreamRow, 'settings' | 'disabled_at'>,
  make: (before: Turned) => Turned,
  at: string,
): StreamChange | undefined {
  const before: Turned = { ...readSettings(row.settings), enabled: row.disabled_at === null };
  const after = make(before);
  const changes = changesBetween(told(before), told(after));
  if (changes === null) return undefined;
  const onlyTurned = changes.length === 1 && after.enabled !== before.enabled;
  return {
    settings: onlyTurned ? row.settings : writeSettings(after),
    disabledAt: after.enabled ? null : (row.disabled_at ?? at),
    skips: {
      events: before.kinds.length === 0 && after.kinds.length > 0,
      detections: before.severities.length === 0 && after.severities.length > 0,
    },
    act: { act: onlyTurned ? (after.enabled ? 'enabled' : 'disabled') : 'changed', changes },
  };
}

/** As the administration log tells it. */
const told = ({ name, enabled, format, kinds, severities, content, destination }: Turned) => ({
  ...{ name, enabled, destination: sayDestination(destination), format, kinds, severities, content },
});

/** The stream that a row tells of. */
export const toStream = (
  row: StreamRow,
  { behind, waitingSince }: Pick<Stream, 'behind' | 'waitingSince'>,
): Stream => ({
  ...readSettings(row.settings),
  id: row.id,
  createdAt: row.created_at,
  createdBy: row.created_by,
  enabled: row.disabled_at === null,
  sent: row.sent,
  sentAt: row.sent_at,
  behind,
  waitingSince,
  missed: row.missed,
  trouble: row.trouble,
  tries: row.tries,
  nextAt: row.next_at,
});

/** What waits for a stream, of events and of detections together. Pure. */
export function waitingOf(
  waits: readonly { count: number; first: unknown }[],
): Pick<Stream, 'behind' | 'waitingSince'> {
  const firsts = waits.flatMap(({ first }) => (typeof first === 'string' ? [first] : []));
  return { behind: waits.reduce((sum, { count }) => sum + count, 0), waitingSince: firsts.sort()[0] ?? null };
}

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
  revision: row.settings,
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
