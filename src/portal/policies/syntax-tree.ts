import type { ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js/serialize';
import { RE2_FUNCTION } from './event-schema-cel.ts';
import { faultOf } from './re2.ts';

/** Why an expression is refused, and where: UTF-16 offsets into it. */
export interface Fault {
  code: string;
  message: string;
  start: number;
  end: number;
}

const COMPREHENSIONS: readonly string[] = ['all', 'exists', 'exists_one', 'map', 'filter'];
const MAX_NESTED = 2;

/**
 * What we refuse beyond the type check: patterns that are computed or no RE2, comprehensions inside comprehensions inside
 * comprehensions (their cost multiplies), `cel.bind` (a text that doubles with every line), numbers that rewriting would round.
 */
export function refuse(node: ASTNode, nested = 0): Fault | undefined {
  const inner = nested + Number(node.op === 'rcall' && COMPREHENSIONS.includes(node.args[0]));
  const own = inner > MAX_NESTED ? tooDeep(node) : refuseNode(node);
  if (own !== undefined) return own;
  for (const child of childrenOf(node)) {
    const fault = refuse(child, inner);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const at = (node: ASTNode, code: string, message: string): Fault => ({
  code,
  message,
  start: node.start,
  end: node.end,
});
const tooDeep = (node: ASTNode) =>
  at(node, 'nested_too_deep', `all, exists, map and filter may be nested ${MAX_NESTED} deep`);

function refuseNode(node: ASTNode): Fault | undefined {
  if (node.op === 'rcall' && node.args[0] === 'bind') return at(node, 'bind_not_allowed', 'cel.bind is not allowed');
  if (node.op === 'value' && typeof node.args === 'number' && Number(node.args.toFixed(9)) !== node.args) {
    return at(node, 'number_too_exact', 'A number may have nine decimals');
  }
  const pattern = patternOf(node);
  if (pattern === undefined) return undefined;
  if (pattern.op !== 'value' || typeof pattern.args !== 'string') {
    return at(pattern, 'pattern_not_literal', 'The pattern of matches() must be written out, in quotes');
  }
  const fault = faultOf(pattern.args);
  return fault === undefined ? undefined : at(pattern, 'pattern_invalid', `RE2: ${fault}`);
}

/** The pattern of `text.matches(pattern)` or `matches(text, pattern)`. */
function patternOf(node: ASTNode): ASTNode | undefined {
  if (node.op === 'rcall' && node.args[0] === 'matches') return node.args[2][0];
  if (node.op === 'call' && node.args[0] === 'matches') return node.args[1][1];
  return undefined;
}

/**
 * The expression with every `matches` replaced by our own function. It is made from the tree, not by cutting the text: the
 * ranges of bracketed receivers leave a bracket out, and one `matches` may stand inside another.
 */
export const withRe2 = (ast: ASTNode): string => serialize(copy(ast) as ASTNode);

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isNode(value)) return value;
  if (value.op === 'rcall' && value.args[0] === 'matches') {
    return { op: 'call', args: [RE2_FUNCTION, [value.args[1], ...value.args[2]].map(copy)] };
  }
  if (value.op === 'call' && value.args[0] === 'matches') {
    return { op: 'call', args: [RE2_FUNCTION, value.args[1].map(copy)] };
  }
  return { op: value.op, args: copy(value.args) };
}

/** Whether the library's own `matches` is still called anywhere. */
export function callsMatches(node: ASTNode): boolean {
  return patternOf(node) !== undefined || childrenOf(node).some(callsMatches);
}

function childrenOf(node: ASTNode): ASTNode[] {
  const args: unknown = node.args;
  return (Array.isArray(args) ? args.flat(2) : [args]).filter(isNode);
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** The kinds of events that the expression can be true for, as far as it says so in so many words; undefined: any. */
export function kindsNamed(node: ASTNode): readonly string[] | undefined {
  if (node.op === '&&' || node.op === '||') {
    const [left, right] = node.args.map(kindsNamed);
    if (node.op === '&&')
      return left === undefined ? right : right === undefined ? left : left.filter((kind) => right.includes(kind));
    return left === undefined || right === undefined ? undefined : [...new Set([...left, ...right])];
  }
  if (node.op !== '==' && node.op !== 'in') return undefined;
  const [subject, object] = node.args;
  if (subject.op !== '.' || subject.args[1] !== 'kind' || subject.args[0].op !== 'id') return undefined;
  const values = object.op === 'list' ? object.args : [object];
  const kinds = values.map((each) => (each.op === 'value' && typeof each.args === 'string' ? each.args : undefined));
  return kinds.every((kind) => kind !== undefined) ? kinds : undefined;
}
