import type { CapsuleEvent } from '../core/event.ts';
import type { Clause, StoredDetection } from './policies/records.ts';
import type { PortalStore } from './store/store.ts';

const AROUND = 2;

/** The events a detection rests on and those around the one that names it, in the session's order; and why it was found. */
export async function aroundDetection(
  { events, policies }: Pick<PortalStore, 'events' | 'policies'>,
  org: string,
  { event: anchor, evidence, policy, policyVersion }: StoredDetection,
): Promise<{ events: CapsuleEvent[]; clauses: Clause[] }> {
  const found = await events.around(org, anchor, AROUND);
  const known = new Set(found.map(({ id }) => id));
  for (const id of new Set(evidence.map(({ event }) => event))) {
    if (known.has(id)) continue;
    const more = await events.get(org, id);
    if (more !== undefined) found.push(more.event);
  }
  found.sort((a, b) => a.source.ordinal - b.source.ordinal);
  const judged = found.find(({ id }) => id === anchor);
  const versions = await policies.versions(org, policy);
  const expression = versions.find(({ version }) => version === policyVersion)?.policy.expression ?? null;
  if (judged === undefined || expression === null) return { events: found, clauses: [] };
  const { explainRule } = await import('./policies/explain-rule.ts');
  return { events: found, clauses: explainRule(expression, judged) };
}
