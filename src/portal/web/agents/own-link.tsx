import { useState } from 'preact/hooks';
import type { LinkAnswer } from '../../administration-answers.ts';
import { ApiError, postJson } from '../api.ts';
import { CopyButton } from '../copy-button.tsx';
import { Heads } from '../heads.tsx';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';

/** For whoever works at a device: an administrator makes a link to what it has sent, and to nothing else. */
export function OwnLink({ agent, user }: { agent: string; user: string }) {
  const [made, setMade] = useState<LinkAnswer>();
  const [problem, setProblem] = useState<string>();
  const query = new URLSearchParams({ subject: agent, limit: '1000' });
  const { data, reload } = useResource<{ tokens: Given[] }>(`/api/tokens?${query}`);
  const end = async (id: string) => {
    await postJson(`/api/tokens/${encodeURIComponent(id)}/revoke`, {});
    setMade(undefined);
    reload();
  };
  const make = async () => {
    try {
      setMade(await postJson<LinkAnswer>(`/api/agents/${encodeURIComponent(agent)}/own-link`, {}));
      setProblem(undefined);
      reload();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="own-link-title">
      <h2 id="own-link-title" class="section-head">
        What {user} can see
      </h2>
      <p class="meta">
        A link shows {user} what this device has sent: its sessions, events and inventory. Not policies, detections, or
        anybody else. It works once, within a day, for 12 hours.
      </p>
      <div class="in-a-row">
        <button type="button" onClick={make}>
          Make a link for {user}
        </button>
        {problem !== undefined && (
          <p class="bad whole-row" role="alert">
            {problem}
          </p>
        )}
        {made !== undefined && (
          <div class="whole-row" role="status">
            <p>
              Send it to {user}. It can be used until <Time iso={made.expiresAt} />, and is shown this once:
            </p>
            <div class="command-line">
              <pre class="command">{made.link}</pre>
              <CopyButton text={made.link} what="the link" />
            </div>
          </div>
        )}
      </div>
      <GivenList given={stillGood(data?.tokens ?? [])} end={(id) => void end(id)} />
    </section>
  );
}

interface Given {
  id: string;
  kind: string;
  createdAt: string;
  expiresAt: string;
  revokedAt: string | null;
  uses: number;
}

const WHAT: Readonly<Record<string, string>> = { 'own-link': 'Link, not used yet', 'own-session': 'Signed in' };

const stillGood = (tokens: readonly Given[]): Given[] =>
  tokens.filter(
    ({ kind, uses, revokedAt, expiresAt }) =>
      kind in WHAT && uses === 0 && revokedAt === null && Date.parse(expiresAt) > Date.now(),
  );

/** Links that still work, and who is signed in by one. */
function GivenList({ given, end }: { given: readonly Given[]; end(id: string): void }) {
  if (given.length === 0) return null;
  return (
    <table class="list">
      <caption class="hidden-words">Links and sign-ins that work now, newest first</caption>
      <thead>
        <tr>
          <Heads names={['What', 'Made', 'Ends']} last="End" />
        </tr>
      </thead>
      <tbody>
        {given.map(({ id, kind, createdAt, expiresAt }) => (
          <tr key={id}>
            <th scope="row">{WHAT[kind]}</th>
            <td data-label="Made">
              <Time iso={createdAt} />
            </td>
            <td data-label="Ends">
              <Time iso={expiresAt} />
            </td>
            <td>
              <button type="button" class="quiet" onClick={() => end(id)}>
                End
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
