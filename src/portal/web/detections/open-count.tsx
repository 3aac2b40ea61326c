import type { CountsAnswer } from '../../policies/records.ts';
import { number } from '../format.ts';
import { useLive } from '../live.ts';
import { useResource } from '../use-resource.ts';

/** How many detections wait for a person. */
export function OpenCount() {
  const { data, reload } = useResource<CountsAnswer>('/api/detections/counts');
  useLive((message) => {
    if (message === undefined || (message.detections ?? 0) > 0) reload();
  });
  const open = (data?.counts ?? []).filter(({ state }) => state === 'open').reduce((sum, { count }) => sum + count, 0);
  if (open === 0) return null;
  return (
    <span class="menu-count">
      {number(open)}
      <span class="hidden-words"> open</span>
    </span>
  );
}
