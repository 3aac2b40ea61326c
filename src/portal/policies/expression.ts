import { type TypeError as CelTypeError, EvaluationError, ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { AUTHORING, RUNNING } from './event-schema-cel.ts';
import type { JudgedEvent } from './judged-event.ts';
import { callsMatches, type Fault, kindsNamed, refuse, withRe2 } from './syntax-tree.ts';

export const MAX_EXPRESSION = 8_192;

/** A fault with the place a person looks for: `line` and `column` count from 1. */
export interface Problem extends Fault {
  line: number;
  column: number;
}

/** An expression that passed every check. Evaluating it throws when the event lacks what it asks for. */
export interface Program {
  /** The kinds it can be true for; undefined: any. */
  kinds: readonly string[] | undefined;
  evaluate(event: JudgedEvent): unknown;
}

/** What an expression has to give: a policy a yes or no, a sequence's keys a list. */
export type Wanted = 'bool' | 'list';

const MAX_CACHED = 1_000;
const compiled = new Map<string, Program>();

/** The program for a CEL expression over `event`, or what is wrong with it. Pure; the same text is compiled once. */
export function compileExpression(source: string, wanted: Wanted = 'bool'): Program | Problem {
  const name = `${wanted} ${source}`;
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const made = compile(source, wanted);
  if ('code' in made) return { ...made, ...placeOf(source, made.start) };
  if (compiled.size >= MAX_CACHED) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(name, made);
  return made;
}

/** Whether compiling failed. */
export const isProblem = (result: Program | Problem): result is Problem => 'code' in result;

function compile(source: string, wanted: Wanted): Program | Fault {
  const whole = { start: 0, end: source.length };
  if (source.length > MAX_EXPRESSION) {
    return { code: 'too_long', message: `An expression may have ${MAX_EXPRESSION} characters`, ...whole };
  }
  const parsed = parse(source);
  if ('code' in parsed) return parsed;
  const checked = parsed.check();
  if (!checked.valid) return checked.error === undefined ? unexplained(whole) : faultFrom(checked.error, source);
  if (!fits(checked.type ?? '', wanted)) {
    const article = wanted === 'bool' ? 'true or false (bool)' : 'a list';
    return { code: 'wrong_type', message: `This must be ${article}, and is ${checked.type}`, ...whole };
  }
  const refused = refuse(parsed.ast);
  if (refused !== undefined) return refused;
  const program = RUNNING.parse(withRe2(parsed.ast));
  if (callsMatches(program.ast)) return unexplained(whole);
  return { kinds: kindsNamed(parsed.ast), evaluate: (event) => program({ event }) as unknown };
}

function parse(source: string): ParseResult | Fault {
  try {
    return AUTHORING.parse(source);
  } catch (error) {
    if (error instanceof ParseError) return faultFrom(error, source);
    throw error;
  }
}

const unexplained = (where: { start: number; end: number }): Fault => ({
  code: 'not_understood',
  message: 'This expression cannot be judged safely',
  ...where,
});

const fits = (type: string, wanted: Wanted): boolean =>
  type === 'dyn' || (wanted === 'bool' ? type === 'bool' : type === 'list' || type.startsWith('list<'));

function faultFrom(error: ParseError | CelTypeError | EvaluationError, source: string): Fault {
  const { start = 0, end = source.length } = error.range ?? {};
  return { code: error.code, message: error.summary, start, end };
}

/** Line and column of an offset, both counted from 1. */
export function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** What went wrong while an expression was evaluated, without any text of the event. */
export function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof EvaluationError) return { code: error.code, message: error.summary };
  if (error instanceof TypeError) return { code: 'wrong_type', message: error.message };
  if (error instanceof RangeError) return { code: 'too_large', message: 'A value became too large' };
  return { code: 'failed', message: 'The expression could not be evaluated' };
}
