import { useRef, useState } from 'preact/hooks';
import type { ListedEvent } from '../../answers.ts';
import type { PolicyAnswer, StoredPolicy } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { useMay } from '../me.ts';
import { Failed } from '../notices.tsx';
import { POLICIES, policyAddress } from '../pages.ts';
import { go } from '../router.ts';
import { type Draft, draftProblems, isChanged, type Problem } from './draft.ts';
import { PolicyFields } from './policy-fields.tsx';
import { PolicyHead } from './policy-head.tsx';
import { RuleFields } from './rule-fields.tsx';
import { SaveFields } from './save-fields.tsx';
import { TryEvent } from './try-event.tsx';
import { TryOn } from './try-on.tsx';
import { useCheck } from './use-check.ts';
import { Versions } from './versions.tsx';

interface EditorProps {
  id: string;
  policy: PolicyAnswer | undefined;
  /** The built-in policy of which this is to be the changed copy. */
  replaces: StoredPolicy | undefined;
  /** As it is stored, and as the form begins. */
  begin: Draft;
  first: Draft;
  run: string | undefined;
  hint: string | undefined;
  /** The event that the rule is to be tested on. */
  sample: ListedEvent | undefined;
  reload(): void;
}

/** A policy with everything that can be done with it. */
export function PolicyEditor({ id, policy, replaces, begin, first, run, hint, sample, reload }: EditorProps) {
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const [replace, setReplace] = useState(true);
  const [problem, setProblem] = useState<ApiError>();
  const [saved, setSaved] = useState(false);
  const busy = useRef(false);
  const mayWrite = useMay('analyst');
  const problems = useCheck(draft);
  const stored = policy?.policy;
  const isBuiltIn = stored?.packVersion != null;
  const set = (part: Partial<Draft>) => {
    setSaved(false);
    setDraft((before) => ({ ...before, ...part }));
  };
  const store = async (version: number | undefined) => {
    if (stored === undefined) {
      const made = await postJson<PolicyAnswer>('/api/policies', draft);
      if (replaces?.enabled && replace) await switchOff(replaces, made.policy.name);
      return go(policyAddress(made.policy.id), { replace: true });
    }
    await changeJson('PATCH', `/api/policies/${encodeURIComponent(id)}`, { version: version ?? 0, body: draft });
    setSaved(true);
    reload();
  };
  const save = async (version = stored?.version) => {
    setTried(true);
    const wrong = fieldToCorrect(draft, problems ?? []);
    if (wrong !== undefined) return document.getElementById(wrong)?.focus();
    if (busy.current) return;
    busy.current = true;
    try {
      setProblem(undefined);
      await store(version);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
    } finally {
      busy.current = false;
    }
  };
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={POLICIES}>Policies</a>
      </nav>
      <PolicyHead policy={stored} />
      {hint !== undefined && (
        <p class="attention" role="status">
          {hint}
        </p>
      )}
      <form
        class="policy-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <fieldset disabled={!mayWrite} class="policy-parts">
          <PolicyFields draft={draft} set={set} tried={tried} readOnly={isBuiltIn} />
          <RuleFields draft={draft} set={set} problems={problems} readOnly={isBuiltIn} />
          {problem?.status === 409 ? (
            <Conflict error={problem} keepMine={(version) => save(version)} takeTheirs={reload} />
          ) : (
            problem !== undefined && <Failed error={problem} retry={() => void save()} />
          )}
          {mayWrite && (
            <SaveFields
              draft={draft}
              set={set}
              tried={tried}
              valid={problems?.length === 0}
              changed={stored === undefined || isChanged(draft, begin)}
              saved={saved}
              replaces={replaces?.enabled ? { name: replaces.name, checked: replace, set: setReplace } : undefined}
            />
          )}
        </fieldset>
      </form>
      {sample !== undefined && mayWrite && <TryEvent event={sample} draft={draft} valid={problems?.length === 0} />}
      <TryOn id={id} draft={draft} valid={problems?.length === 0} stored={stored} run={run} mayStart={mayWrite} />
      {policy !== undefined && <Versions policy={policy.policy.id} versions={policy.versions} />}
    </>
  );
}

/** The id of the first field that keeps the form from being sent. */
function fieldToCorrect(draft: Draft, problems: readonly Problem[]): string | undefined {
  const { name, rule, note } = draftProblems(draft);
  if (name !== undefined) return 'policy-name';
  if (rule !== undefined || problems.length > 0) return 'rule-expression';
  return note === undefined ? undefined : 'policy-note';
}

const switchOff = ({ id, version }: StoredPolicy, by: string) =>
  changeJson('PATCH', `/api/policies/${encodeURIComponent(id)}`, {
    version,
    body: { enabled: false, note: `Replaced by “${by}”` },
  });

interface ConflictProps {
  error: ApiError;
  keepMine(version: number): void;
  takeTheirs(): void;
}

/** Somebody else has saved meanwhile: says who, and lets this person choose. */
function Conflict({ error, keepMine, takeTheirs }: ConflictProps) {
  const { policy } = error.body as PolicyAnswer;
  return (
    <div class="attention" role="alert">
      <p>
        {actorWords(policy.changedBy)} saved version {policy.version} while you were here. Yours is not saved yet.
      </p>
      <div class="dialog-buttons">
        <button type="button" onClick={takeTheirs}>
          Drop mine, show theirs
        </button>
        <button type="button" class="danger" onClick={() => keepMine(policy.version)}>
          Save mine over it
        </button>
      </div>
    </div>
  );
}
