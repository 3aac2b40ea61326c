import type { Sequence } from '../../policies/policy.ts';
import type { Problem } from './draft.ts';
import { ExpressionField } from './expression-field.tsx';

interface SequenceProps {
  sequence: Sequence;
  problems: readonly Problem[] | undefined;
  readOnly: boolean;
  set(sequence: Sequence): void;
}

/** Steps in order, or one step several times, within a time. */
export function SequenceFields({ sequence, problems, readOnly, set }: SequenceProps) {
  const { steps, count, reset } = sequence;
  const setStep = (at: number, part: Partial<Sequence['steps'][number]>) =>
    set({ ...sequence, steps: steps.map((step, index) => (index === at ? { ...step, ...part } : step)) });
  const of = (field: string) => problems?.filter((problem) => problem.field === field);
  return (
    <>
      <div class="fields">
        <Whole
          id="sequence-window"
          label="Within how many seconds"
          value={sequence.windowSeconds}
          readOnly={readOnly}
          set={(windowSeconds) => set({ ...sequence, windowSeconds: windowSeconds ?? 900 })}
        />
        {count !== undefined && (
          <Whole
            id="sequence-count"
            label="How often"
            value={count}
            readOnly={readOnly}
            set={(times) => set({ ...sequence, count: times ?? 2 })}
          />
        )}
      </div>
      {steps.map(({ expression, keys }, at) => (
        <div key={at} class="step">
          <ExpressionField
            id={at === 0 ? 'rule-expression' : `rule-step-${at}`}
            label={count === undefined ? `Step ${at + 1}` : 'The event'}
            value={expression}
            problems={of(`steps.${at}.expression`)}
            readOnly={readOnly}
            set={(text) => setStep(at, { expression: text })}
          />
          {keys !== undefined && (
            <ExpressionField
              id={`rule-keys-${at}`}
              label="A list of texts, of which the steps have to share one"
              value={keys}
              problems={of(`steps.${at}.keys`)}
              readOnly={readOnly}
              set={(text) => setStep(at, { keys: text })}
            />
          )}
        </div>
      ))}
      {reset !== undefined && (
        <ExpressionField
          id="rule-reset"
          label="Forgotten when this is true"
          value={reset}
          problems={of('reset')}
          readOnly={readOnly}
          set={(text) => set({ ...sequence, reset: text })}
        />
      )}
      {!readOnly && count === undefined && (
        <p class="step-buttons">
          <button
            type="button"
            disabled={steps.length === 4}
            onClick={() => set({ ...sequence, steps: [...steps, { expression: '' }] })}
          >
            Add a step
          </button>{' '}
          <button
            type="button"
            disabled={steps.length === 2}
            onClick={() => set({ ...sequence, steps: steps.slice(0, -1) })}
          >
            Take the last away
          </button>
        </p>
      )}
    </>
  );
}

interface WholeProps {
  id: string;
  label: string;
  value: number;
  readOnly: boolean;
  set(value: number | undefined): void;
}

const Whole = ({ id, label, value, readOnly, set }: WholeProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input
      id={id}
      inputMode="numeric"
      value={value}
      readOnly={readOnly}
      onChange={({ currentTarget }) =>
        set(/^\d{1,6}$/.test(currentTarget.value) ? Number(currentTarget.value) : undefined)
      }
    />
  </div>
);
