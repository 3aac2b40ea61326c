import { useState } from 'preact/hooks';
import { ApiError, postJson } from '../api.ts';
import { CopyButton } from '../copy-button.tsx';
import { Heads } from '../heads.tsx';
import { Failed, Loading } from '../notices.tsx';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';
import { RoleSelect } from './role-select.tsx';

interface Key {
  id: string;
  subject: string | null;
  role: string | null;
  createdAt: string;
  expiresAt: string;
  revokedAt: string | null;
}

/** API keys: for scripts that read or administer by `/api`. */
export function Keys() {
  const { data, error, reload } = useResource<{ tokens: Key[] }>('/api/tokens?kind=key&limit=1000');
  const keys = data?.tokens.filter(({ revokedAt }) => revokedAt === null) ?? [];
  const revoke = async (id: string) => {
    await postJson(`/api/tokens/${id}/revoke`, {});
    reload();
  };
  return (
    <section aria-labelledby="keys-head">
      <h2 id="keys-head" class="section-head">
        API keys
      </h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={2} />}
      {data !== undefined && keys.length === 0 && (
        <p class="meta">No keys. One lets a script read what this page shows, at the same addresses below /api.</p>
      )}
      {keys.length > 0 && (
        <table class="list">
          <caption class="hidden-words">API keys, newest first</caption>
          <thead>
            <tr>
              <Heads names={['Label', 'Role', 'Made', 'Ends']} last="Revoke" />
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <th scope="row">{key.subject ?? <span class="meta">no label</span>}</th>
                <td data-label="Role">{key.role}</td>
                <td data-label="Made">
                  <Time iso={key.createdAt} />
                </td>
                <td data-label="Ends">
                  <Time iso={key.expiresAt} />
                </td>
                <td>
                  <button type="button" class="quiet" onClick={() => void revoke(key.id)}>
                    Revoke
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <NewKey made={reload} />
    </section>
  );
}

function NewKey({ made }: { made(): void }) {
  const [value, setValue] = useState<string>();
  const [role, setRole] = useState('viewer');
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const { label, days } = Object.fromEntries(new FormData(form));
    try {
      setValue((await postJson<{ value: string }>('/api/keys', { label, role, days: Number(days) })).value);
      setProblem(undefined);
      made();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  };
  return (
    <form class="in-a-row" onSubmit={submit} noValidate>
      <div class="field">
        <label for="key-label">Label</label>
        <input id="key-label" name="label" maxLength={80} />
      </div>
      <div class="field">
        <label for="key-days">Days</label>
        <input id="key-days" name="days" inputMode="numeric" defaultValue="90" />
      </div>
      <div class="field">
        <span class="field-name">Role</span>
        <RoleSelect label="Role of the new key" value={role} set={setRole} />
      </div>
      <button type="submit">Make a key</button>
      {problem !== undefined && (
        <p class="bad whole-row" role="alert">
          {problem}
        </p>
      )}
      {value !== undefined && (
        <div class="whole-row" role="status">
          <p>Keep it now: it is shown this once.</p>
          <div class="command-line">
            <pre class="command">{value}</pre>
            <CopyButton text={value} what="the key" />
          </div>
        </div>
      )}
    </form>
  );
}
