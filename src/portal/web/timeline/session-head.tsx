import { useState } from 'preact/hooks';
import type { SessionSummary } from '../../answers.ts';
import { useOwnDevice } from '../me.ts';
import { Offline } from '../notices.tsx';
import { SessionName } from '../sessions/session-table.tsx';
import { FindInSession } from './find-in-session.tsx';
import { SessionFacts } from './session-facts.tsx';

interface HeadProps {
  session: SessionSummary;
  search: string;
  connected: boolean;
}

/** What a session is, and what can be done with the whole of it. */
export const SessionHead = ({ session, search, connected }: HeadProps) => (
  <>
    <div class="page-head">
      <h1 class="session-title">
        <SessionName session={session} />
      </h1>
      <Offline connected={connected} />
    </div>
    <SessionFacts session={session} />
    <div class="session-bar">
      <FindInSession session={session.id} search={search} />
      <div class="fold-all">
        <button type="button" class="quiet" onClick={() => foldAll(true)}>
          Open all
        </button>
        <button type="button" class="quiet" onClick={() => foldAll(false)}>
          Close all
        </button>
        <TakeAway session={session.id} />
      </div>
    </div>
  </>
);

/** The whole session as a file or in the clipboard. Only of the organisation, as every export is. */
function TakeAway({ session }: { session: string }) {
  const [said, setSaid] = useState('');
  const api = `/api/sessions/${encodeURIComponent(session)}/export?format=`;
  if (useOwnDevice() !== null) return null;
  const copy = async () => {
    setSaid('Copying …');
    try {
      const response = await fetch(`${api}markdown`);
      if (!response.ok) throw new Error();
      await navigator.clipboard.writeText(await response.text());
      setSaid('Copied');
    } catch {
      setSaid('It could not be copied: take the file');
    }
  };
  return (
    <>
      <button type="button" class="quiet" onClick={copy}>
        Copy session as Markdown
      </button>
      <span class="meta" role="status">
        {said}
      </span>
      <details class="menu">
        <summary>Export</summary>
        <ul>
          <li>
            <a href={`${api}jsonl`} download>
              JSON Lines
            </a>
          </li>
          <li>
            <a href={`${api}markdown`} download>
              Markdown
            </a>
          </li>
        </ul>
      </details>
    </>
  );
}

const FOLDS = '.timeline .event-body > details, .timeline .lane';

/** Opens or closes everything that is folded on the page. */
export function foldAll(open: boolean): void {
  for (const fold of document.querySelectorAll<HTMLDetailsElement>(FOLDS)) fold.open = open;
}
