import { useEffect, useRef, useState } from 'preact/hooks';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { ApiError, changeJson } from '../api.ts';
import { useMay } from '../me.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { FailedAgents } from './failed-agents.tsx';
import { HaltRule } from './halt-rule.tsx';
import { Halts } from './halts.tsx';
import { type Editing, RingDialog } from './ring-dialog.tsx';
import { RingList } from './ring-list.tsx';
import { freedWords } from './ring-words.ts';
import { draftOf, type Keep } from './rings-draft.ts';

/** Who takes a new version when, how far is it, and did it fail anywhere? */
export function UpgradesPage() {
  useTitle('Upgrades');
  const { data, error, reload } = useResource<RingsAnswer>('/api/upgrade-rings');
  const [said, setSaid] = useState('');
  const [editing, setEditing] = useState<Editing>();
  const mayChange = useMay('admin');
  return (
    <>
      <div class="page-head">
        <h1>Upgrades</h1>
        {mayChange && data !== undefined && (
          <div class="head-action">
            <button type="button" class="primary" onClick={() => setEditing({ at: data.rings.length })}>
              Add a ring
            </button>
          </div>
        )}
      </div>
      <p class="lead">
        A new version goes into one ring of agents after the other. Agents take what they are offered by themselves
        where <code>upgrade.auto</code> is set, else by <code>capsule-kiro upgrade</code>.
      </p>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={4} />}
      <p role="status">{said}</p>
      {data !== undefined && <Rings answer={data} reload={reload} say={setSaid} editing={editing} edit={setEditing} />}
    </>
  );
}

interface RingsProps {
  answer: RingsAnswer;
  reload(): void;
  say(words: string): void;
  editing: Editing | undefined;
  edit(editing: Editing | undefined): void;
}

function Rings({ answer, reload, say, editing, edit }: RingsProps) {
  const focusAfter = useFocusAfter(answer);
  const keep: Keep = async (seen, draft, words) => {
    try {
      await changeJson('PATCH', '/api/upgrade-rings', { version: seen.revision, body: draft });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      say(failure.message);
      if (failure.status === 409) reload();
      return failure.message;
    }
    say([words, freedWords(draftOf(seen), draft)].filter((part) => part !== '').join(' '));
    reload();
    return undefined;
  };
  return (
    <>
      <HandedOut versions={answer.versions} />
      <Halts halts={answer.halts} done={reload} say={say} />
      <h2 class="section-head">Rings</h2>
      {answer.rings.length === 0 && (
        <Empty title="No rings">
          <p>Every agent is treated alike. Add a ring to try a version on some of them first.</p>
        </Empty>
      )}
      <RingList answer={answer} keep={keep} edit={edit} focusAfter={focusAfter} />
      <HaltRule key={answer.revision} answer={answer} keep={keep} />
      <FailedAgents failures={answer.failures} />
      {editing !== undefined && (
        <RingDialog answer={answer} editing={editing} keep={keep} close={() => edit(undefined)} />
      )}
    </>
  );
}

const HandedOut = ({ versions }: { versions: RingsAnswer['versions'] }) =>
  versions.length === 0 ? (
    <p class="meta">
      This portal hands out no executable whose version it knows: put executables and the <code>VERSIONS.json</code> of
      their build into the folder that <code>--executables</code> names.
    </p>
  ) : (
    <p class="line meta">
      {versions.map(({ version, systems }) => (
        <span key={version}>
          This portal hands out <strong>{version}</strong> for {systems.join(', ')}
        </span>
      ))}
    </p>
  );

/** Puts the focus, after the next answer, where it was: what moves loses it. */
function useFocusAfter(data: unknown): (...ids: string[]) => void {
  const wanted = useRef<string[]>([]);
  useEffect(() => {
    const found = wanted.current
      .map((id) => document.getElementById(id))
      .find((element) => element instanceof HTMLButtonElement && !element.disabled);
    found?.focus();
    wanted.current = [];
  }, [data]);
  return (...ids) => {
    wanted.current = ids;
  };
}
