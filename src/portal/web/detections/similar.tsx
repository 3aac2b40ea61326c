import type { DetectionsAnswer, StoredDetection } from '../../policies/records.ts';
import { detectionAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';
import { stateWords } from './states.ts';

/** What the same policy found of the same user, and how it was decided. */
export function Similar({ detection: { id, policy, user } }: { detection: StoredDetection }) {
  const query = new URLSearchParams({ policy, user, limit: '11' });
  const { data } = useResource<DetectionsAnswer>(`/api/detections?${query}`);
  const others = (data?.detections ?? []).filter((each) => each.id !== id).slice(0, 10);
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="similar-title">
      <h2 id="similar-title" class="section-head">
        Similar: same policy, same user
      </h2>
      <ul class="history">
        {others.map((each) => (
          <li key={each.id}>
            <a href={detectionAddress(each.id)}>
              <Time iso={each.time} />
            </a>{' '}
            <span>{stateWords(each)}</span> {each.excerpt !== null && <bdi class="mono meta">{each.excerpt}</bdi>}
          </li>
        ))}
      </ul>
    </section>
  );
}
