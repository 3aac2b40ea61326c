import { useState } from 'preact/hooks';
import type { InstallersAnswer, MadeInstallerAnswer } from '../../administration-answers.ts';
import { ApiError, postJson } from '../api.ts';
import { Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { type Choices, choicesFrom, wish } from './installer-choices.ts';
import { InstallerForm } from './installer-form.tsx';
import { InstallerSteps } from './installer-steps.tsx';
import { InstallerTable } from './installer-table.tsx';

/** What exactly do I send to a developer, and did it work? */
export function InstallPage({ search }: { search: string }) {
  useTitle('Install');
  const { data, error, reload } = useResource<InstallersAnswer>('/api/installers');
  const [made, setMade] = useState<MadeInstallerAnswer>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const make = async (choices: Choices) => {
    setBusy(true);
    try {
      setMade(await postJson<MadeInstallerAnswer>('/api/installers', wish(choices)));
      setProblem(undefined);
      reload();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div class="page-head">
        <h1>Install Capsule for Kiro</h1>
      </div>
      <InstallerForm first={choicesFrom(search, navigator.platform)} busy={busy} make={make} />
      {problem !== undefined && <Failed error={problem} retry={() => setProblem(undefined)} />}
      {made !== undefined && (
        <InstallerSteps
          key={made.installer.id}
          made={made}
          executables={(data?.executables ?? []).map(({ name }) => name)}
        />
      )}
      <h2 class="section-head">Installers</h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={3} />}
      {data?.installers.length === 0 && (
        <p class="meta">No installers yet. Make one above; it takes a minute to reach the first event.</p>
      )}
      {data !== undefined && data.installers.length > 0 && (
        <InstallerTable installers={data.installers} changed={reload} />
      )}
    </>
  );
}
