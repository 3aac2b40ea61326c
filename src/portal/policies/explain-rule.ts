import type { ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js/serialize';
import type { CapsuleEvent } from '../../core/event.ts';
import { AUTHORING } from './event-schema-cel.ts';
import { compileExpression, isProblem } from './expression.ts';
import { judgedEvent } from './judged-event.ts';
import type { Clause } from './records.ts';
import { runWithin } from './run-within.ts';

const LIMIT_MS = 100;
/** Of all parts: they are many where somebody means harm. */
const ALL_MS = 300;

/**
 * What each of an expression's parts, joined by `&&`, says of an event. Pure but for its time limit. Empty for an expression that
 * does not compile.
 */
export function explainRule(expression: string, event: CapsuleEvent): Clause[] {
  if (isProblem(compileExpression(expression))) return [];
  const judged = judgedEvent(event, { content: null });
  let left = ALL_MS;
  const look = (evaluate: () => unknown): boolean | null => {
    if (left <= 0) return null;
    const begin = performance.now();
    const value = valueWithin(Math.min(LIMIT_MS, Math.ceil(left)), evaluate);
    left -= performance.now() - begin;
    return value;
  };
  return partsOf(AUTHORING.parse(expression).ast).map((part) => {
    const text = serialize(part);
    const program = compileExpression(text);
    if (isProblem(program)) return { text, value: null };
    return { text, value: look(() => program.evaluate(judged)) };
  });
}

function partsOf(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(partsOf) : [node];
}

function valueWithin(limitMs: number, evaluate: () => unknown): boolean | null {
  try {
    const value = runWithin(limitMs, evaluate)?.result;
    return typeof value === 'boolean' ? value : null;
  } catch {
    // The part asks for what this event has not: that is its answer.
    return null;
  }
}
