import type { PolicyVersion } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { Heads } from '../heads.tsx';
import { versionAddress } from '../pages.ts';
import { Time } from '../time.tsx';

/** Every version a policy had, the newest first. */
export const Versions = ({ policy, versions }: { policy: string; versions: PolicyVersion[] }) => (
  <section aria-labelledby="versions-title">
    <h2 id="versions-title" class="section-head">
      Versions
    </h2>
    <table class="list">
      <caption class="hidden-words">Versions, the newest first</caption>
      <thead>
        <tr>
          <Heads names={['Version', 'Why', 'State', 'By', 'When']} />
        </tr>
      </thead>
      <tbody>
        {versions.map(({ version, note, by, at, policy: { enabled } }) => (
          <tr key={version}>
            <th scope="row">
              <a href={versionAddress(policy, version)}>Version {version}</a>
            </th>
            <td data-label="Why">{note === '' ? <span class="meta">not said</span> : note}</td>
            <td data-label="State">{enabled ? 'on' : 'off'}</td>
            <td data-label="By">{actorWords(by)}</td>
            <td data-label="When">
              <Time iso={at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
