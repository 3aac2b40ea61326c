import type { Sequence } from '../../policies/policy.ts';
import { number } from '../format.ts';
import type { Draft, Problem } from './draft.ts';
import { ExpressionField } from './expression-field.tsx';
import { RuleHelp } from './rule-help.tsx';
import { SequenceFields } from './sequence-fields.tsx';

interface RuleProps {
  draft: Draft;
  set(part: Partial<Draft>): void;
  problems: readonly Problem[] | undefined;
  readOnly: boolean;
}

const FIRST_SEQUENCE: Sequence = { windowSeconds: 900, steps: [{ expression: '' }, { expression: '' }] };

/** What an event, or a sequence of them, must be like. */
export function RuleFields({ draft, set, problems, readOnly }: RuleProps) {
  const { expression, sequence } = draft;
  return (
    <section class="rule" aria-labelledby="rule-title">
      <h2 id="rule-title">Rule</h2>
      {!readOnly && (
        <fieldset class="choice">
          <legend class="hidden-words">Kind of rule</legend>
          <label class="choice-option">
            <input
              type="radio"
              name="rule"
              checked={sequence === null}
              onChange={() => set({ sequence: null, expression: sequence?.steps[0]?.expression ?? '' })}
            />
            One event
          </label>
          <label class="choice-option">
            <input
              type="radio"
              name="rule"
              checked={sequence !== null}
              onChange={() =>
                set({
                  expression: null,
                  sequence: { ...FIRST_SEQUENCE, steps: [{ expression: expression ?? '' }, { expression: '' }] },
                })
              }
            />
            Several events of a session
          </label>
        </fieldset>
      )}
      {sequence === null ? (
        <ExpressionField
          id="rule-expression"
          label="An event is found when this is true"
          value={expression ?? ''}
          problems={problems?.filter(({ field }) => field === 'expression')}
          readOnly={readOnly}
          set={(text) => set({ expression: text })}
        />
      ) : (
        <SequenceFields
          sequence={sequence}
          problems={problems}
          readOnly={readOnly}
          set={(next) => set({ sequence: next })}
        />
      )}
      <p class="checked meta" role="status">
        {problems === undefined
          ? 'Checking …'
          : problems.length === 0
            ? '✓ It can be judged'
            : `${number(problems.length)} to correct`}
      </p>
      {!readOnly && sequence === null && <RuleHelp use={(text) => set({ expression: text })} />}
    </section>
  );
}
