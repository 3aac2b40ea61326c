import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Stretch } from '../../filter/words.ts';
import type { Evidence } from '../../policies/records.ts';

/** Where in events that are shown the things are that detections rest on. */
export const EvidenceShown = createContext<readonly Evidence[]>([]);

/** The stretches of a text of an event that are to be marked, in order and apart. */
export function useMarks(event: string, field: string): Stretch[] {
  const evidence = useContext(EvidenceShown);
  return marksIn(evidence, event, field);
}

/** As `useMarks`. Pure. A mark without a place is all of the text. */
export function marksIn(evidence: readonly Evidence[], event: string, field: string): Stretch[] {
  const found = evidence
    .filter((each) => each.event === event && each.path === field)
    .map(({ start, end }): Stretch => [start ?? 0, end ?? Number.MAX_SAFE_INTEGER])
    .sort(([a], [b]) => a - b);
  const apart: Stretch[] = [];
  for (const [start, end] of found) {
    const last = apart.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else apart.push([start, end]);
  }
  return apart;
}

/** Whether something is to be marked in this field of the event or below it. */
export function useHasEvidence(event: string, field: string): boolean {
  return useContext(EvidenceShown).some(
    (each) => each.event === event && (each.path === field || each.path.startsWith(`${field}/`)),
  );
}

/** A text cut where marks begin and end; `offset` is where it stands in the whole. Pure. */
export function cutAtMarks(text: string, marks: readonly Stretch[], offset = 0): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    const [from, to] = [Math.max(at, start - offset), Math.min(text.length, end - offset)];
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), marked: false });
    pieces.push({ text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false });
  return pieces;
}
