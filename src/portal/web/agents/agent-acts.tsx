import { useState } from 'preact/hooks';
import type { AgentSummary } from '../../answers.ts';
import { ApiError, getJson, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { ExportLinks } from '../filter/export-links.tsx';
import { counted } from '../format.ts';

interface ActsProps {
  agents: readonly AgentSummary[];
  selected: ReadonlySet<string>;
  select(ids: ReadonlySet<string>): void;
  done(): void;
}

/** What can be done with the chosen rows. */
export function AgentActs({ agents, selected, select, done }: ActsProps) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const ids = [...selected];
  const revoke = async () => {
    try {
      await revokeAll(selected);
      setAsking(false);
      setProblem(undefined);
      select(new Set());
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
    done();
  };
  return (
    <div class="bulk">
      <label class="choice-option">
        <input
          type="checkbox"
          checked={ids.length === agents.length}
          onChange={({ currentTarget }) => select(new Set(currentTarget.checked ? agents.map(({ id }) => id) : []))}
        />
        {ids.length === 0 ? 'Select all shown' : counted(ids.length, 'selected', 'selected')}
      </label>
      {ids.length > 0 && (
        <>
          <ExportLinks
            what="agents"
            search={`?${new URLSearchParams(ids.map((id) => ['agent', id]))}`}
            label={`Export ${ids.length}`}
          />
          <button type="button" onClick={() => setAsking(true)}>
            Revoke {counted(ids.length, 'agent')} …
          </button>
        </>
      )}
      {asking && (
        <ConfirmDialog
          title={`Revoke ${counted(ids.length, 'agent')}?`}
          act={`Revoke ${ids.length}`}
          confirm={() => void revoke()}
          problem={problem}
          close={() => setAsking(false)}
        >
          <p>
            The portal refuses {ids.length === 1 ? 'this device' : 'these devices'} from now on. What they captured
            stays here; what they capture next waits on the devices until they are enrolled again by a new installer or
            code.
          </p>
          <ul class="named">
            {agents
              .filter(({ id }) => selected.has(id))
              .slice(0, NAMED)
              .map(({ id, user, name }) => (
                <li key={id}>
                  {user} on {name}
                </li>
              ))}
            {ids.length > NAMED && <li>and {ids.length - NAMED} more</li>}
          </ul>
        </ConfirmDialog>
      )}
    </div>
  );
}

const NAMED = 5;

interface Token {
  id: string;
  revokedAt: string | null;
}

/** Every credential of these devices, one after the other: each is an act of its own in the log. */
async function revokeAll(devices: ReadonlySet<string>): Promise<void> {
  for (const device of devices) {
    const query = new URLSearchParams({ kind: 'device', subject: device, limit: '1000' });
    const { tokens } = await getJson<{ tokens: Token[] }>(`/api/tokens?${query}`);
    for (const { id, revokedAt } of tokens) {
      if (revokedAt === null) await postJson(`/api/tokens/${encodeURIComponent(id)}/revoke`, {});
    }
  }
}
