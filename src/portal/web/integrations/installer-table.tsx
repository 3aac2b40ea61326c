import { useRef, useState } from 'preact/hooks';
import type { InstallerSummary } from '../../administration-answers.ts';
import { ApiError, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { Heads } from '../heads.tsx';
import { Icon } from '../icon.tsx';
import { agentAddress } from '../pages.ts';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { SYSTEMS } from './installer-choices.ts';

const STATES = { active: 'Active', 'used-up': 'Used up', expired: 'Expired', revoked: 'Revoked' };
const ICONS = { active: 'reporting', 'used-up': 'good', expired: 'missing', revoked: 'revoked' } as const;

/** Every installer that was made, what is left of it, who came by it. */
export function InstallerTable({ installers, changed }: { installers: InstallerSummary[]; changed(): void }) {
  const now = useNow();
  const [revoking, setRevoking] = useState<InstallerSummary>();
  return (
    <>
      <table class="list">
        <caption class="hidden-words">Installers, newest first</caption>
        <thead>
          <tr>
            <Heads names={['Label', 'State', 'System', 'Made by', 'Made', 'Ends', 'Uses', 'Agents']} last="Revoke" />
          </tr>
        </thead>
        <tbody>
          {installers.map((installer) => (
            <tr key={installer.id}>
              <th scope="row">{installer.label === '' ? <span class="meta">no label</span> : installer.label}</th>
              <td data-label="State">
                <span class={`state${installer.state === 'active' ? ' state-reporting' : ''}`}>
                  <Icon name={ICONS[installer.state]} /> {STATES[installer.state]}
                </span>
              </td>
              <td data-label="System">{SYSTEMS.find(([system]) => system === installer.system)?.[1]}</td>
              <td data-label="Made by">{installer.madeBy.replace(/^account:/, '')}</td>
              <td data-label="Made">
                <Ago iso={installer.madeAt} now={now} />
              </td>
              <td data-label="Ends">
                <Time iso={installer.endsAt} />
              </td>
              <td data-label="Uses">
                {installer.uses} of {installer.maxUses ?? 'any number'}
              </td>
              <td data-label="Agents">
                <Agents agents={installer.agents} />
              </td>
              <td>
                {installer.state !== 'revoked' && (
                  <button type="button" class="quiet" onClick={() => setRevoking(installer)}>
                    Revoke
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoking !== undefined && (
        <RevokeDialog
          key={revoking.id}
          installer={revoking}
          close={(done) => {
            setRevoking(undefined);
            if (done) changed();
          }}
        />
      )}
    </>
  );
}

const Agents = ({ agents }: { agents: InstallerSummary['agents'] }) => {
  const [newest] = agents.newest;
  if (newest === undefined) return <span class="meta">none</span>;
  return (
    <>
      <a href={agentAddress(newest.id)}>{newest.user}</a>
      {agents.total > 1 && ` and ${counted(agents.total - 1, 'other')}`}
    </>
  );
};

function RevokeDialog({ installer, close }: { installer: InstallerSummary; close(done: boolean): void }) {
  const agents = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const { total } = installer.agents;
  const revoke = async () => {
    try {
      await postJson(`/api/installers/${installer.id}/revoke`, { agents: agents.current?.checked ?? false });
      close(true);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  };
  return (
    <ConfirmDialog
      title={`Revoke ${installer.label === '' ? 'this installer' : `“${installer.label}”`}?`}
      act="Revoke"
      confirm={revoke}
      problem={problem}
      close={() => close(false)}
    >
      <p>No further device will enrol by it.</p>
      {total > 0 && (
        <label class="choice-option">
          <input type="checkbox" ref={agents} />
          Also shut out the {counted(total, 'agent')} that came by it. They keep their events until they are enrolled
          anew.
        </label>
      )}
    </ConfirmDialog>
  );
}
