import { compileExpression, isProblem, type Problem, type Program } from './expression.ts';
import type { ActivePolicy, Rule, Sequence, Severity, Targets } from './policy.ts';
import { RESET } from './sequences.ts';

interface Ready {
  id: string;
  version: number;
  severity: Severity;
  targets: Targets;
}
export interface ReadyPolicy extends Ready, Program {}
export interface ReadyPart extends Program {
  step: number;
  keys: Program['evaluate'] | undefined;
}
export interface ReadySequence extends Ready {
  rule: Sequence;
  parts: ReadyPart[];
}

/** An organisation's policies, compiled. */
export interface RuleSet {
  policies: ReadyPolicy[];
  sequences: ReadySequence[];
}

/** Where in a rule a problem is: the expression itself, or `steps.0.expression`, `steps.1.keys`, `reset`. */
export type RuleProblem = Problem & { field: string };

/** Everything that is wrong with a rule; nothing when it may be judged. Pure. */
export function checkRule(rule: Rule): RuleProblem[] {
  return expressionsOf(rule).flatMap(({ field, text, wanted }) => {
    const compiled = compileExpression(text, wanted);
    return isProblem(compiled) ? [{ ...compiled, field }] : [];
  });
}

function expressionsOf(rule: Rule): { field: string; text: string; wanted: 'bool' | 'list' }[] {
  if (rule.sequence === null) return [{ field: 'expression', text: rule.expression, wanted: 'bool' }];
  const { steps, reset } = rule.sequence;
  return [
    ...steps.flatMap(({ expression, keys }, at) => [
      { field: `steps.${at}.expression`, text: expression, wanted: 'bool' as const },
      ...(keys === undefined ? [] : [{ field: `steps.${at}.keys`, text: keys, wanted: 'list' as const }]),
    ]),
    ...(reset === undefined ? [] : [{ field: 'reset', text: reset, wanted: 'bool' as const }]),
  ];
}

/** Compiles policies that passed `checkRule`. One that no longer does (a stricter portal than the one it was saved by) is left out and named. */
export function readyRules(policies: readonly ActivePolicy[]): {
  rules: RuleSet;
  refused: { id: string; problem: RuleProblem }[];
} {
  const rules: RuleSet = { policies: [], sequences: [] };
  const refused: { id: string; problem: RuleProblem }[] = [];
  for (const policy of policies) {
    const [problem] = checkRule(policy);
    if (problem !== undefined) refused.push({ id: policy.id, problem });
    else if (policy.sequence === null) rules.policies.push({ ...headOf(policy), ...mustCompile(policy.expression) });
    else rules.sequences.push({ ...headOf(policy), rule: policy.sequence, parts: partsOf(policy.sequence) });
  }
  return { rules, refused };
}

const headOf = ({ id, version, severity, targets }: ActivePolicy): Ready => ({ id, version, severity, targets });

function partsOf({ steps, reset }: Sequence): ReadyPart[] {
  const parts = steps.map(({ expression, keys }, step) => ({
    ...mustCompile(expression),
    step,
    keys: keys === undefined ? undefined : mustCompile(keys, 'list').evaluate,
  }));
  return reset === undefined ? parts : [...parts, { ...mustCompile(reset), step: RESET, keys: undefined }];
}

function mustCompile(text: string, wanted: 'bool' | 'list' = 'bool'): Program {
  const compiled = compileExpression(text, wanted);
  if (isProblem(compiled)) throw new Error(`not checked before: ${compiled.message}`);
  return compiled;
}
