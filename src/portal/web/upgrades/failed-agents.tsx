import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { Heads } from '../heads.tsx';
import { agentAddress } from '../pages.ts';
import { Time } from '../time.tsx';
import { OTHERS } from './ring-words.ts';

/** On which agents a version does not work, in their own words. */
export function FailedAgents({ failures }: { failures: RingsAnswer['failures'] }) {
  if (failures.length === 0) return null;
  return (
    <section aria-labelledby="failed-head">
      <h2 id="failed-head" class="section-head">
        Where it failed
      </h2>
      <table class="list">
        <caption class="hidden-words">The newest agents on which a version failed</caption>
        <thead>
          <tr>
            <Heads names={['Agent', 'Ring', 'Version', 'What it said', 'Told']} />
          </tr>
        </thead>
        <tbody>
          {failures.map(({ agent, name, user, ring, version, why, at }) => (
            <tr key={agent}>
              <th scope="row">
                <a class="row-link" href={agentAddress(agent)}>
                  {user} <span class="meta">{name}</span>
                </a>
              </th>
              <td data-label="Ring">{ring ?? OTHERS}</td>
              <td data-label="Version">{version}</td>
              <td data-label="What it said" class="words">
                {why}
              </td>
              <td data-label="Told">
                <Time iso={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
