import { useState } from 'preact/hooks';
import type { PolicyAnswer, PolicyVersion } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { ApiError, changeJson } from '../api.ts';
import { useMay } from '../me.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { POLICIES, policyAddress } from '../pages.ts';
import { go } from '../router.ts';
import { Severity } from '../severity.tsx';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { draftOf } from './draft.ts';
import { Description } from './policy-fields.tsx';
import { RuleFields } from './rule-fields.tsx';
import { targetWords } from './target-words.ts';

/** A policy as it was at some time, word for word. */
export function VersionPage({ id, version }: { id: string; version: string }) {
  const { data, error, reload } = useResource<PolicyAnswer>(`/api/policies/${encodeURIComponent(id)}`);
  useTitle(`${data?.policy.name ?? 'Policy'}, version ${version}`);
  const found = data?.versions.find((each) => String(each.version) === version);
  if (error?.status === 404 || (data !== undefined && found === undefined)) {
    return (
      <Empty title="There is no such version">
        <a href={data === undefined ? POLICIES : policyAddress(id)}>Go back</a>
      </Empty>
    );
  }
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  if (data === undefined || found === undefined) return <Loading />;
  return <Version answer={data} found={found} reload={reload} />;
}

function Version({
  answer: { policy },
  found,
  reload,
}: {
  answer: PolicyAnswer;
  found: PolicyVersion;
  reload(): void;
}) {
  const mayWrite = useMay('analyst');
  const [problem, setProblem] = useState<ApiError>();
  const { version, note, by, at, policy: was } = found;
  const restore = async () => {
    try {
      await changeJson('PATCH', `/api/policies/${encodeURIComponent(policy.id)}`, {
        version: policy.version,
        body: { ...draftOf(was), note: `Version ${version} again` },
      });
      go(policyAddress(policy.id));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
      reload();
    }
  };
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={policyAddress(policy.id)}>{policy.name}</a>
      </nav>
      <div class="page-head">
        <h1>
          {was.name} <span class="on">version {version}</span>
        </h1>
        <Severity severity={was.severity} />
        {mayWrite && version !== policy.version && policy.packVersion === null && (
          <button type="button" class="head-action" onClick={restore}>
            Make it the current version again
          </button>
        )}
      </div>
      <p class="line meta">
        <span>{actorWords(by)}</span>
        <Time iso={at} />
        <span>{was.enabled ? 'on' : 'off'}</span>
        <span>{targetWords(was.targets)}</span>
        {note !== '' && <span>{note}</span>}
      </p>
      {problem !== undefined && <Failed error={problem} retry={() => void restore()} />}
      <Description description={was.description} />
      <RuleFields draft={draftOf(was)} set={() => {}} problems={[]} readOnly />
    </>
  );
}
