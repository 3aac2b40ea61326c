import { useEffect, useState } from 'preact/hooks';
import type { InstallerAnswer, InstallerSummary, MadeInstallerAnswer } from '../../administration-answers.ts';
import { CopyButton } from '../copy-button.tsx';
import { bytes, counted } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useLive } from '../live.ts';
import { agentAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';
import { executablesOf } from './installer-choices.ts';

/** What to do with an installer that was just made, and whether it worked. */
export function InstallerSteps({ made, executables }: { made: MadeInstallerAnswer; executables: readonly string[] }) {
  const { file, installer } = made;
  const missing = !executables.some((name) => name.startsWith(executablesOf(installer.system)));
  return (
    <section class="steps" aria-label="What to do now">
      {missing && <NoExecutable system={installer.system} />}
      {isLoopback(location.hostname) && (
        <p class="attention">
          It holds the address {location.origin}, which means “this machine” wherever it is run. For other machines,
          open this page by a name that they know.
        </p>
      )}
      <ol>
        <li>
          <h2>Download</h2>
          <p>
            <Download name={file.name} text={file.text} /> <span class="meta">{bytes(file.bytes)}</span>
          </p>
          <p class="meta">
            SHA-256 <span class="mono hash">{file.sha256}</span> <CopyButton text={file.sha256} what="the SHA-256" />
          </p>
          <p class="meta">Only a hash of the code inside is kept. Lost it? Make another.</p>
        </li>
        <li>
          <h2>Run</h2>
          <div class="command-line">
            <pre class="command">{file.command}</pre>
            <CopyButton text={file.command} what="the command" />
          </div>
          <p class="meta">
            It fetches the executable for the machine from this portal, compares its checksum, and connects Kiro. It
            needs no root. The code inside works until <Time iso={installer.endsAt} />
            {installer.maxUses === 1 ? ', for one device.' : '.'}
          </p>
        </li>
        <li>
          <h2>Wait</h2>
          <Progress first={installer} />
        </li>
      </ol>
    </section>
  );
}

function Download({ name, text }: { name: string; text: string }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return (
    <a class="primary" href={address ?? ''} download={name}>
      <Icon name="download" /> {name}
    </a>
  );
}

function Progress({ first }: { first: InstallerSummary }) {
  const { data, reload } = useResource<InstallerAnswer>(`/api/installers/${first.id}`);
  useLive(reload);
  const { agents, maxUses } = data?.installer ?? first;
  const [newest] = agents.newest;
  const heard = agents.newest.filter(({ lastEventAt }) => lastEventAt !== null).length;
  return (
    <div class="progress" role="status">
      <Step done={newest !== undefined}>
        {newest === undefined ? (
          'No device has enrolled yet'
        ) : maxUses === 1 ? (
          <>
            Enrolled: <a href={agentAddress(newest.id)}>{`${newest.user}@${newest.name}`}</a>
          </>
        ) : (
          `${counted(agents.total, 'device')} enrolled`
        )}
      </Step>
      <Step done={heard > 0}>{heard > 0 ? 'Events arrive' : 'No event yet: restart Kiro and send one prompt'}</Step>
      {newest !== undefined && heard === 0 && (
        <p class="meta">
          Nothing after ten minutes? On that machine: <code>capsule-kiro diagnose --probe</code>
        </p>
      )}
    </div>
  );
}

const Step = ({ done, children }: { done: boolean; children: preact.ComponentChildren }) => (
  <p class={done ? 'state state-reporting' : 'state'}>
    <Icon name={done ? 'reporting' : 'missing'} /> <span>{children}</span>
  </p>
);

const NoExecutable = ({ system }: { system: InstallerSummary['system'] }) => (
  <p class="attention">
    This portal has no executable for that system, so there is nothing to fetch yet. Put{' '}
    <code>{executablesOf(system)}…</code> into the folder <code>executables</code> of its data, or start it with{' '}
    <code>--executables</code>; then make the installer again, as it holds the checksums.
  </p>
);

const isLoopback = (name: string): boolean => name === 'localhost' || name === '[::1]' || name.startsWith('127.');
