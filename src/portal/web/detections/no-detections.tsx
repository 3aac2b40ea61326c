import type { CountsAnswer, PoliciesAnswer } from '../../policies/records.ts';
import { counted } from '../format.ts';
import { Empty } from '../notices.tsx';
import { DETECTIONS, POLICIES } from '../pages.ts';
import { useResource } from '../use-resource.ts';

/** Why there is nothing, and never other rows in place of none. */
export function NoDetections({ search, counts }: { search: string; counts: CountsAnswer['counts'] }) {
  const policies = useResource<PoliciesAnswer>('/api/policies');
  const filtered = [...new URLSearchParams(search).keys()].some((name) => name !== 'view' && name !== 'sort');
  const on = policies.data?.policies.filter(({ enabled }) => enabled).length;
  if (on === 0) {
    return (
      <Empty title="No policy is on">
        <p>
          Nothing is looked for. <a href={POLICIES}>Switch policies on</a>
        </p>
      </Empty>
    );
  }
  if (filtered) {
    return (
      <Empty title="No detection matches">
        <a href={DETECTIONS}>Show what is to be done</a>
      </Empty>
    );
  }
  const closed = counts.filter(({ state }) => state === 'closed').reduce((sum, { count }) => sum + count, 0);
  return (
    <Empty title="Nothing is to be done">
      <p>
        {on === undefined ? 'Policies are on' : counted(on, 'policy is', 'policies are')} on; what they find appears
        here by itself.
      </p>
      {closed > 0 && <a href={`${DETECTIONS}?state=closed`}>{counted(closed, 'detection')} closed</a>}
    </Empty>
  );
}
