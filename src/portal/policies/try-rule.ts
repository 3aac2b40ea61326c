import type { CapsuleEvent } from '../../core/event.ts';
import { explainRule } from './explain-rule.ts';
import type { Rule } from './policy.ts';
import type { TriedStep } from './policy-answers.ts';

/**
 * What a rule says of one event: a sequence step by step, because one event is no sequence. `matches` is null where a part
 * asks for something that this event has not, and no other part settles it.
 */
export function tryRule({ expression, sequence }: Rule, event: CapsuleEvent): TriedStep[] {
  const texts = sequence === null ? [expression ?? ''] : sequence.steps.map((step) => step.expression);
  return texts.map((text) => {
    const clauses = explainRule(text, event);
    const values = clauses.map(({ value }) => value);
    const open = values.includes(null) || values.length === 0 ? null : true;
    return { clauses, matches: values.includes(false) ? false : open };
  });
}
