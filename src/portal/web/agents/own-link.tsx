import { useState } from 'preact/hooks';
import type { LinkAnswer } from '../../administration-answers.ts';
import { ApiError, postJson } from '../api.ts';
import { CopyButton } from '../copy-button.tsx';
import { Time } from '../time.tsx';

/** For whoever works at a device: an administrator makes a link to what it has sent, and to nothing else. */
export function OwnLink({ agent, user }: { agent: string; user: string }) {
  const [made, setMade] = useState<LinkAnswer>();
  const [problem, setProblem] = useState<string>();
  const make = async () => {
    try {
      setMade(await postJson<LinkAnswer>(`/api/agents/${encodeURIComponent(agent)}/own-link`, {}));
      setProblem(undefined);
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
    </section>
  );
}
