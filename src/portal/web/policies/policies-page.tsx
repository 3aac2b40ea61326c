import { useState } from 'preact/hooks';
import type { JudgingHealth, PoliciesAnswer, StoredPolicy } from '../../policies/records.ts';
import { ApiError } from '../api.ts';
import { counted } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { useMay } from '../me.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { POLICIES, policyAddress, withQuery } from '../pages.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { isFailing, PolicyTable } from './policy-table.tsx';
import { switchPolicy } from './switch-policy.ts';

const SHOWN = ['all', 'on', 'off', 'failing', 'own'] as const;
type Shown = (typeof SHOWN)[number];
const WORDS: Readonly<Record<Shown, string>> = { all: 'All', on: 'On', off: 'Off', failing: 'Failing', own: 'Our own' };
const IS: Readonly<Record<Shown, (policy: StoredPolicy) => boolean>> = {
  all: () => true,
  on: ({ enabled }) => enabled,
  off: ({ enabled }) => !enabled,
  failing: isFailing,
  own: ({ packVersion }) => packVersion === null,
};

/** What do we watch for? */
export function PoliciesPage({ search }: { search: string }) {
  useTitle('Policies');
  const { data, error, reload } = useResource<PoliciesAnswer>('/api/policies');
  const mayWrite = useMay('analyst');
  const [problem, setProblem] = useState<string>();
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const show = SHOWN.find((name) => name === new URLSearchParams(search).get('show')) ?? 'all';
  const turn = async (policy: StoredPolicy) => {
    try {
      await switchPolicy(policy);
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(`${policy.name}: ${failure.message}`);
    }
    reload();
  };
  const shown = (data?.policies ?? []).filter(IS[show]);
  return (
    <>
      <div class="page-head">
        <h1>Policies</h1>
        {mayWrite && (
          <a class="primary head-action" href={policyAddress('new')}>
            New policy
          </a>
        )}
      </div>
      {data !== undefined && <Health health={data.health} />}
      {data !== undefined && <Choice policies={data.policies} show={show} search={search} />}
      {problem !== undefined && (
        <p class="attention" role="alert">
          {problem}
        </p>
      )}
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.policies.every(({ enabled }) => !enabled) && (
        <Empty title="No policy is on">
          <p>Nothing is looked for. {counted(data.policies.length, 'policy is', 'policies are')} ready below.</p>
        </Empty>
      )}
      {data !== undefined && shown.length === 0 && data.policies.length > 0 && <NoneShown show={show} />}
      {shown.length > 0 && <PolicyTable policies={shown} turn={mayWrite ? turn : undefined} />}
    </>
  );
}

const Choice = ({ policies, show, search }: { policies: StoredPolicy[]; show: Shown; search: string }) => (
  <nav class="choices" aria-label="Which policies">
    {SHOWN.map((name) => (
      <a
        key={name}
        href={withQuery(POLICIES, search, 'show', name === 'all' ? null : name)}
        aria-current={name === show ? 'true' : undefined}
      >
        {WORDS[name]} <span class="choice-count">{policies.filter(IS[name]).length}</span>
      </a>
    ))}
  </nav>
);

const NoneShown = ({ show }: { show: Shown }) => (
  <Empty title={show === 'failing' ? 'No policy is failing' : 'No policy is among these'}>
    <a href={POLICIES}>Show all policies</a>
    {show === 'own' && <p>A policy of your own is an expression over an event; any built-in one can be copied.</p>}
  </Empty>
);

/** Says which events no policy has seen. */
const Health = ({ health: { waiting, givenUp } }: { health: JudgingHealth }) =>
  waiting + givenUp === 0 ? null : (
    <div class="attention" role="status">
      {waiting > 0 && (
        <p>{counted(waiting, 'stored event waits', 'stored events wait')} to be judged; it happens within a minute.</p>
      )}
      {givenUp > 0 && (
        <p>
          {counted(givenUp, 'stored event', 'stored events')} could not be judged five times and{' '}
          {givenUp === 1 ? 'is' : 'are'} left alone. Switch off or change the policy that fails below; then they are
          tried again.
        </p>
      )}
    </div>
  );
