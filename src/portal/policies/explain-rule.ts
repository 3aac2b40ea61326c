import type { ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js/serialize';
import type { CapsuleEvent } from '../../core/event.ts';
import { AUTHORING } from './event-schema-cel.ts';
import { compileExpression, isProblem } from './expression.ts';
import { judgedEvent } from './judged-event.ts';
import type { Clause } from './records.ts';
import { runWithin } from './run-within.ts';

const LIMIT_MS = 100;

/**
 * What each of an expression's parts, joined by `&&`, says of an event. Pure but for its time limit. Empty for an expression that
 * does not compile.
 */
export function explainRule(expression: string, event: CapsuleEvent): Clause[] {
  if (isProblem(compileExpression(expression))) return [];
  const judged = judgedEvent(event, { content: null });
  return partsOf(AUTHORING.parse(expression).ast).map((part) => {
    const text = serialize(part);
    const program = compileExpression(text);
    if (isProblem(program)) return { text, value: null };
    return { text, value: valueWithin(() => program.evaluate(judged)) };
  });
}

function partsOf(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(partsOf) : [node];
}

function valueWithin(evaluate: () => unknown): boolean | null {
  try {
    const value = runWithin(LIMIT_MS, evaluate)?.result;
    return typeof value === 'boolean' ? value : null;
  } catch {
    // The part asks for what this event has not: that is its answer.
    return null;
  }
}
