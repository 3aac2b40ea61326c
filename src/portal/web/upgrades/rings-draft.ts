/** What an administrator changes of the rings before it is sent. Pure. */
import type { Ring, RingsAnswer, UpgradeRings } from '../../installers/rings-schema.ts';
import type { Zone } from '../preferences.ts';

/**
 * Sends all the rings, changed from those that were seen; resolves to why it did not work, in words: somebody else may have changed
 * them since.
 */
export type Keep = (seen: RingsAnswer, draft: UpgradeRings, said: string) => Promise<string | undefined>;

/** What can be changed of an answer. */
export const draftOf = (answer: RingsAnswer): UpgradeRings => {
  const { rings, others, othersStartsAt, othersDaysAfter, haltShare, haltAtLeast } = answer;
  return { rings, others, othersStartsAt, othersDaysAfter, haltShare, haltAtLeast };
};

export const NEW_RING: Ring = {
  ...{ name: '', percent: 0, users: [], devices: [] },
  ...{ upTo: 'newest', startsAt: null, daysAfter: null },
};

/** With a ring in place of the one at `at`, or behind all others. */
export function withRing(draft: UpgradeRings, at: number, ring: Ring): UpgradeRings {
  return settled({ ...draft, rings: draft.rings.toSpliced(at, 1, ring) });
}

/** With the ring at `at` one place earlier (-1) or later (1). */
export function withMoved(draft: UpgradeRings, at: number, by: -1 | 1): UpgradeRings {
  const moved = draft.rings[at];
  if (moved === undefined || at + by < 0 || at + by >= draft.rings.length) return draft;
  return settled({ ...draft, rings: draft.rings.toSpliced(at, 1).toSpliced(at + by, 0, moved) });
}

/** Without the ring at `at`. */
export const withoutRing = (draft: UpgradeRings, at: number): UpgradeRings =>
  settled({ ...draft, rings: draft.rings.toSpliced(at, 1) });

/** What comes first has nothing before it to wait for. */
function settled({ rings, ...rest }: UpgradeRings): UpgradeRings {
  const [first, ...later] = rings;
  if (first === undefined) return { ...rest, rings: [], othersDaysAfter: null };
  return { ...rest, rings: [{ ...first, daysAfter: null }, ...later] };
}

/** The names that waited for a ring before them and do not any more. `null` stands for everybody else. */
export function nowWaitingForNobody(before: UpgradeRings, after: UpgradeRings): (string | null)[] {
  const waited = new Set(before.rings.filter(({ daysAfter }) => daysAfter !== null).map(({ name }) => name));
  const freed = after.rings.filter(({ name, daysAfter }) => daysAfter === null && waited.has(name));
  const others = before.othersDaysAfter !== null && after.othersDaysAfter === null;
  return [...freed.map(({ name }) => name), ...(others ? [null] : [])];
}

/** Names as they are typed: one a line, or with commas between them. */
export const namesFrom = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** A moment for a field of date and time, which knows no zone. */
export function toField(iso: string | null, zone: Zone): string {
  if (iso === null) return '';
  const time = new Date(iso);
  const local = zone === 'utc' ? time : new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** And back; null for an empty field. What is no time is left for the portal to refuse. */
export function fromField(text: string, zone: Zone): string | null {
  if (text === '') return null;
  const time = new Date(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
