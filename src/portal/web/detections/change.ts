import type { DetectionAnswer, StoredDetection } from '../../policies/records.ts';
import { changeJson, postJson } from '../api.ts';

export interface Change {
  state?: 'open' | 'in_review' | 'closed' | 'false_positive';
  reason?: string;
  assignee?: string | null;
  note?: string;
}

/** Throws `ApiError`; 409 with `last` when somebody else was faster. */
export const changeOne = ({ id, version }: StoredDetection, body: Change): Promise<DetectionAnswer> =>
  changeJson<DetectionAnswer>('PATCH', `/api/detections/${encodeURIComponent(id)}`, { version, body });

/** One change to up to 500; answers which were not changed, because somebody else was faster. */
export async function changeMany(detections: readonly StoredDetection[], change: Change): Promise<string[]> {
  const wanted = detections.map(({ id, version }) => ({ id, version }));
  const { unchanged } = await postJson<{ unchanged: string[] }>('/api/detections/changes', {
    ...{ detections: wanted, change },
  });
  return unchanged;
}

/**
 * Puts back what a change took away, and answers what somebody else has changed since. Each has one version more now, and what was different before is put back apart. What the
 * portal has withdrawn is not ours to put back.
 */
export async function undo(before: readonly StoredDetection[]): Promise<string[]> {
  const left: string[] = [];
  const alike = Map.groupBy(before, ({ state, reason, assignee }) => JSON.stringify([state, reason, assignee]));
  for (const [, [first, ...others]] of alike) {
    if (first === undefined || first.state === 'withdrawn') continue;
    const { state, reason, assignee } = first;
    const changed = [first, ...others].map((each) => ({ ...each, version: each.version + 1 }));
    left.push(...(await changeMany(changed, { state, assignee, note: 'Undone', ...(reason !== null && { reason }) })));
  }
  return left;
}
