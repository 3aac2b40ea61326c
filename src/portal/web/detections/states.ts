import type { DetectionState, StoredDetection } from '../../policies/records.ts';

/** As people call them. */
export const STATE_WORDS: Readonly<Record<DetectionState, string>> = {
  open: 'Open',
  in_review: 'In review',
  closed: 'Closed',
  false_positive: 'False positive',
  withdrawn: 'Withdrawn',
};
export const REASONS = {
  true_positive: 'True positive',
  benign: 'Benign',
  duplicate: 'Duplicate',
  other: 'Other',
} as const;
export type Reason = keyof typeof REASONS;

/** `Closed as benign`. Pure. */
export function stateWords({ state, reason }: Pick<StoredDetection, 'state' | 'reason'>): string {
  const why = reason !== null && reason in REASONS ? ` as ${REASONS[reason as Reason].toLowerCase()}` : '';
  return STATE_WORDS[state] + why;
}

/** What is asked of the server for what the page's address says: without a state, what is to be done. Pure. */
export function detectionsQuery(search: string): string {
  const query = new URLSearchParams(search);
  const states = query.getAll('state');
  if (states.length === 0) for (const state of ['open', 'in_review']) query.append('state', state);
  if (states.includes('all')) query.delete('state');
  if (!query.has('sort')) query.set('sort', '-severity');
  return `?${query}`;
}
