import { duration } from '../format.ts';

/** How long something took; one that Kiro did not record, but Capsule derived, says so. */
export const Duration = ({ ms, inferred }: { ms: number; inferred: boolean }) =>
  inferred ? (
    <span class="inferred" title="Derived by Capsule from the times around it: Kiro does not record it">
      ~{duration(ms)}
      <span class="hidden-words">, derived by Capsule: Kiro does not record it</span>
    </span>
  ) : (
    <span>{duration(ms)}</span>
  );
