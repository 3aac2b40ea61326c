import type { Targets } from '../../policies/policy.ts';
import { SEVERITY_NAMES, severityWord } from '../severity.tsx';
import { type Draft, draftProblems } from './draft.ts';
import { readPatterns } from './target-words.ts';

interface FieldsProps {
  draft: Draft;
  set(part: Partial<Draft>): void;
  /** Somebody has tried to save: what is missing is said. */
  tried: boolean;
  /** Built in: its name and texts are the pack's. */
  readOnly: boolean;
}

/** What it is called, how bad it is, whom it is for, and what a reader should know. */
export function PolicyFields({ draft, set, tried, readOnly }: FieldsProps) {
  const missing = tried ? draftProblems(draft).name : undefined;
  const { description } = draft;
  const describe = (part: Partial<Draft['description']>) => set({ description: { ...description, ...part } });
  return (
    <>
      <div class="fields">
        {!readOnly && (
          <div class="field">
            <label for="policy-name">Name</label>
            <input
              id="policy-name"
              maxLength={200}
              value={draft.name}
              aria-invalid={missing !== undefined}
              aria-describedby="policy-name-note"
              onInput={({ currentTarget }) => set({ name: currentTarget.value })}
            />
            <p id="policy-name-note" class="bad" role="alert">
              {missing}
            </p>
          </div>
        )}
        <div class="field">
          <label for="policy-severity">Severity</label>
          <select
            id="policy-severity"
            value={draft.severity}
            onChange={({ currentTarget }) => set({ severity: currentTarget.value as Draft['severity'] })}
          >
            {SEVERITY_NAMES.map((severity) => (
              <option key={severity} value={severity}>
                {severityWord(severity)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <TargetFields targets={draft.targets} set={(targets) => set({ targets })} />
      {readOnly ? (
        <Description description={description} />
      ) : (
        <details class="policy-texts">
          <summary>What it finds, why, and when it is wrong</summary>
          <div class="fields">
            <Text id="finds" label="What it finds" value={description.finds} set={(finds) => describe({ finds })} />
            <Text id="why" label="Why it matters" value={description.why} set={(why) => describe({ why })} />
            <Text
              id="wrong"
              label="When it is wrong"
              value={description.falsePositives}
              set={(falsePositives) => describe({ falsePositives })}
            />
          </div>
        </details>
      )}
    </>
  );
}

/** What a policy is about, to be read. */
export const Description = ({
  description: { finds, why, falsePositives, attack, atlas, owasp },
}: DescriptionProps) => {
  const names = [...attack, ...atlas, ...owasp];
  return (
    <dl class="facts">
      {(
        [
          ['What it finds', finds],
          ['Why it matters', why],
          ['When it is wrong', falsePositives],
          ['Known as (ATT&CK, ATLAS, OWASP)', names.join(', ')],
        ] as const
      ).map(
        ([name, text]) =>
          text !== '' && (
            <div key={name} class="fact">
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ),
      )}
    </dl>
  );
};
interface DescriptionProps {
  description: Draft['description'];
}

const TARGETS: readonly (readonly [keyof Targets, string, string])[] = [
  ['users', 'Users', 'everybody'],
  ['workspaces', 'Workspaces', 'every path and name'],
  ['agents', 'Agents', 'every device'],
];

const TargetFields = ({ targets, set }: { targets: Targets; set(targets: Targets): void }) => (
  <fieldset class="fields targets">
    <legend>For whom: patterns with *, one a line. Empty means all.</legend>
    {TARGETS.map(([name, label, empty]) => (
      <div key={name} class="field">
        <label for={`target-${name}`}>{label}</label>
        <textarea
          id={`target-${name}`}
          rows={1}
          class="mono"
          placeholder={empty}
          spellcheck={false}
          defaultValue={targets[name].join('\n')}
          onChange={({ currentTarget }) => set({ ...targets, [name]: readPatterns(currentTarget.value) })}
        />
      </div>
    ))}
  </fieldset>
);

const Text = ({ id, label, value, set }: { id: string; label: string; value: string; set(value: string): void }) => (
  <div class="field">
    <label for={`policy-${id}`}>{label}</label>
    <textarea
      id={`policy-${id}`}
      rows={3}
      maxLength={4_000}
      value={value}
      onInput={({ currentTarget }) => set(currentTarget.value)}
    />
  </div>
);
