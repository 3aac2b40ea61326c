import type { StoredDetection } from '../../policies/records.ts';
import { detectionAddress } from '../pages.ts';
import { Severity } from '../severity.tsx';
import { stateWords } from './states.ts';

/** Above the event that it names: what was found, and the way to it. */
export const DetectionBanner = ({ detection }: { detection: StoredDetection }) => (
  <p class={`banner banner-${detection.severity}`}>
    <Severity severity={detection.severity} />
    <a href={detectionAddress(detection.id)}>{detection.policyName}</a>
    <span class="meta">{stateWords(detection)}</span>
  </p>
);
