import { useState } from 'preact/hooks';
import type { LinkAnswer, Member, MembersAnswer } from '../../administration-answers.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { CopyButton } from '../copy-button.tsx';
import { Heads } from '../heads.tsx';
import { Failed, Loading } from '../notices.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { useResource } from '../use-resource.ts';
import { RoleSelect } from './role-select.tsx';

/** Who may sign in, with which role; invites others. */
export function Members({ me }: { me: string }) {
  const { data, error, reload } = useResource<MembersAnswer>('/api/members');
  const [problem, setProblem] = useState<ApiError>();
  const change = async (id: string, part: object) => {
    try {
      await changeJson('PATCH', `/api/members/${encodeURIComponent(id)}`, { body: part });
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
    }
    reload();
  };
  return (
    <section aria-labelledby="members-title">
      <h2 id="members-title" class="section-head">
        Members
      </h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {problem !== undefined && <Failed error={problem} retry={() => setProblem(undefined)} />}
      {data === undefined && error === undefined && <Loading rows={3} />}
      {data !== undefined && <MemberTable members={data.members} me={me} change={change} />}
      <Invite invited={reload} />
    </section>
  );
}

interface TableProps {
  members: Member[];
  me: string;
  change(id: string, part: object): void;
}

function MemberTable({ members, me, change }: TableProps) {
  const now = useNow();
  return (
    <table class="list">
      <caption class="hidden-words">Members, by account</caption>
      <thead>
        <tr>
          <Heads names={['Account', 'Role', 'Signs in by', 'Last sign-in']} last="Shut out" />
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.id}>
            <th scope="row">
              {member.id} {member.id === me && <span class="meta">you</span>}
            </th>
            <td data-label="Role">
              <RoleSelect
                label={`Role of ${member.id}`}
                value={member.role}
                set={(role) => change(member.id, { role })}
              />
            </td>
            <td data-label="Signs in by">{member.hasPassword ? 'password' : 'links only'}</td>
            <td data-label="Last sign-in">
              <Ago iso={member.signedInAt} now={now} />
            </td>
            <td>
              {member.disabledAt !== null && <span class="bad">Shut out </span>}
              <button
                type="button"
                class="quiet"
                onClick={() => change(member.id, { disabled: member.disabledAt === null })}
              >
                {member.disabledAt === null ? 'Shut out' : 'Let in again'}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Invite({ invited }: { invited(): void }) {
  const [made, setMade] = useState<LinkAnswer>();
  const [role, setRole] = useState('analyst');
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    try {
      setMade(await postJson<LinkAnswer>('/api/members', { ...Object.fromEntries(new FormData(form)), role }));
      setProblem(undefined);
      invited();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  };
  return (
    <form class="in-a-row" onSubmit={submit}>
      <div class="field">
        <label for="invite-account">Account</label>
        <input id="invite-account" name="account" maxLength={80} required />
      </div>
      <div class="field">
        <span class="field-name">Role</span>
        <RoleSelect label="Role of the new member" value={role} set={setRole} />
      </div>
      <button type="submit">Make a sign-in link</button>
      {problem !== undefined && (
        <p class="bad whole-row" role="alert">
          {problem}
        </p>
      )}
      {made !== undefined && (
        <div class="whole-row" role="status">
          <p>
            Send this link to them. It works once, until <Time iso={made.expiresAt} />, and is shown this once:
          </p>
          <div class="command-line">
            <pre class="command">{made.link}</pre>
            <CopyButton text={made.link} what="the link" />
          </div>
        </div>
      )}
    </form>
  );
}
