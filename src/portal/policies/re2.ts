import { RE2JS, RE2JSException } from 're2js';

/** Longer texts are judged by their beginning. */
export const MAX_TEXT = 65_536;
const MAX_CACHED = 2_000;
/** Also because a time limit that strikes leaves the listener behind. */
const MAX_HITS = 50;
const compiled = new Map<string, RE2JS>();

/** A pattern that found something in a text, while somebody listens. */
export interface Hit {
  text: string;
  pattern: string;
}
let hits: Hit[] | undefined;

/**
 * Whether the RE2 pattern occurs in the first 64 KiB of the text, in time linear in its length whatever the pattern. Throws
 * `RE2JSException` for a pattern that is none.
 */
export function occurs(text: string, pattern: string): boolean {
  const found = compile(pattern).test(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
  if (found && hits !== undefined && hits.length < MAX_HITS) hits.push({ text, pattern });
  return found;
}

/** What the patterns matched while `work` ran, in order, at most once each. */
export function listenToHits(work: () => void): Hit[] {
  const heard: Hit[] = [];
  hits = heard;
  try {
    work();
  } finally {
    hits = undefined;
  }
  return heard;
}

/** Where the pattern first occurs, in UTF-16 units. */
export function findFirst({ text, pattern }: Hit): { start: number; end: number } | undefined {
  const matcher = compile(pattern).matcher(text.slice(0, MAX_TEXT));
  return matcher.find() ? { start: matcher.start(), end: matcher.end() } : undefined;
}

/** Why RE2 does not take the pattern; undefined when it does. */
export function faultOf(pattern: string): string | undefined {
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = RE2JS.compile(pattern);
  // The oldest go: an organisation's policies are far fewer, dry runs of a drafted one are not.
  if (compiled.size >= MAX_CACHED) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(pattern, made);
  return made;
}
