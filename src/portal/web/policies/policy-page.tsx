import { useState } from 'preact/hooks';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { EventAnswer } from '../../answers.ts';
import type {
  DetectionAnswer,
  PolicyAnswer,
  PolicyRun,
  RunAnswer,
  StoredDetection,
  StoredPolicy,
} from '../../policies/records.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { POLICIES } from '../pages.ts';
import { type Resource, useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { copyOf, type Draft, draftOf, EMPTY_DRAFT, likeEvent } from './draft.ts';
import { excludeLike } from './exclude-like.ts';
import { PolicyEditor } from './policy-editor.tsx';

interface PageProps {
  /** `new` for one that is not stored yet. */
  id: string;
  /** A look back whose result is shown below. */
  run: string | undefined;
  search: string;
}

/** What does this policy find, and what would a change of it find? */
export function PolicyPage({ id, run, search }: PageProps) {
  // What the editor began with; a change of the address by a dry run is no reason to begin anew.
  const [asked] = useState(() => askedBy(id, run, search));
  const policy = useWanted<PolicyAnswer>(asked.policy, '/api/policies/');
  const ran = useWanted<RunAnswer>(asked.run, '/api/policy-runs/');
  const detection = useWanted<DetectionAnswer>(asked.exclude, '/api/detections/');
  const event = useWanted<EventAnswer>(asked.event ?? detection.data?.detection.event ?? null, '/api/events/');
  const stored = policy.data?.policy;
  useTitle(id === 'new' ? 'New policy' : (stored?.name ?? 'Policy'));
  if (policy.error?.status === 404) {
    return (
      <Empty title="There is no such policy">
        <a href={POLICIES}>Go to the policies</a>
      </Empty>
    );
  }
  const wanted = [policy, ran, detection, event];
  // What is gone (a run, an event) only means that the editor begins without it.
  const failed = wanted.find(({ error }) => error !== undefined && error.status !== 404);
  if (failed?.error !== undefined) return <Failed error={failed.error} retry={failed.reload} />;
  if (wanted.some(isWaited)) return <Loading />;
  const sample = asked.event === null ? undefined : event.data?.event;
  const begin = beginOf(id, stored);
  const wished = stored === undefined && sample !== undefined ? { ...begin, expression: likeEvent(sample) } : begin;
  const { first, hint } = firstDraft(wished, ran.data?.run, detection.data?.detection, event.data?.event);
  return (
    <PolicyEditor
      key={`${id} ${stored?.version}`}
      id={id}
      policy={id === 'new' ? undefined : policy.data}
      replaces={id === 'new' && stored?.packVersion != null ? stored : undefined}
      begin={begin}
      first={first}
      run={run}
      hint={hint}
      sample={sample}
      reload={policy.reload}
    />
  );
}

function askedBy(id: string, run: string | undefined, search: string) {
  const query = new URLSearchParams(search);
  return {
    policy: id === 'new' ? query.get('copy') : id,
    run: run ?? null,
    exclude: query.get('exclude'),
    event: query.get('event'),
  };
}

function beginOf(id: string, stored: StoredPolicy | undefined): Draft {
  if (stored === undefined) return EMPTY_DRAFT;
  return id === 'new' ? copyOf(stored) : draftOf(stored);
}

/** What the form begins with: the stored policy, with what a dry run tried, without what a detection should not have found. */
function firstDraft(
  begin: Draft,
  run: PolicyRun | undefined,
  detection: StoredDetection | undefined,
  event: CapsuleEvent | undefined,
): { first: Draft; hint: string | undefined } {
  const first = run?.kind === 'dry-run' ? { ...begin, ...run.asked.rule, targets: run.asked.targets } : begin;
  if (detection === undefined || event === undefined) return { first, hint: undefined };
  const narrowed = first.expression === null ? undefined : excludeLike(first.expression, event, detection.evidence);
  if (narrowed === undefined) {
    return { first, hint: 'What was found is no text that could be left out by itself; change the rule by hand.' };
  }
  const note = `Leaves out what was a false positive (detection ${detection.id})`;
  return {
    first: { ...first, expression: narrowed, note },
    hint: 'The rule now leaves out what this detection found. Look at it, try it, and save it.',
  };
}

type Wanted<T> = Resource<T> & { wanted: boolean };
const isWaited = ({ wanted, data, error }: Wanted<unknown>) => wanted && data === undefined && error === undefined;

/** A resource that may not be needed; then nothing is asked. */
function useWanted<T>(id: string | null, api: string): Wanted<T> {
  // What is always there and small stands for nothing, because a hook cannot be left out.
  const resource = useResource<T>(id === null ? '/api/health' : `${api}${encodeURIComponent(id)}`);
  const wanted = id !== null;
  return wanted ? { ...resource, wanted } : { ...resource, data: undefined, error: undefined, wanted };
}
