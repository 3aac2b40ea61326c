import { createHmac } from 'node:crypto';
import { BINARY } from './binary-blobs.ts';
import type { CleanTexts } from './clean-texts.ts';
import type { RulesFor, SecretRule, Span } from './secret-rule.ts';
import { runWithin } from './time-limit.ts';

export interface TextRules {
  rules: RulesFor;
  /** This machine's own random key: equal secrets can be told to be equal here, and nowhere be guessed. */
  key: Buffer;
  /** A clock in milliseconds that runs while this thread works. */
  clock(): number;
  /** Texts that are known to hold nothing. */
  clean?: CleanTexts;
}

/** One secret that was taken out. */
export interface Hit {
  rule: string;
  /** `hmac:` and the first 16 hex digits of the secret's keyed hash. */
  hash: string;
}

export interface RedactedText {
  text: string;
  hits: Hit[];
  /** The text could not be scanned: it threw, or took too long. `text` is only a placeholder then. */
  withheld: boolean;
}

/** Time that scanning may take per started 64 KiB. */
export const BUDGET_MS = 50;
const BUDGET_BYTES = 64 * 1024;
/** No rule knows a shorter secret. */
const SHORTEST = 8;
/** Looking at the clock costs as much as a rule on 1 KiB: so many UTF-16 units are scanned in between. */
const CLOCK_EACH = 64 * 1024;

/** The text with each secret replaced by `[redacted:<rule>:<8 hex>]`. Fails closed: a text not wholly scanned is not passed on. */
export async function redactText(text: string, by: TextRules): Promise<RedactedText> {
  if (text.length < SHORTEST || by.clean?.has(text)) return { text, hits: [], withheld: false };
  const found = await scan(text, by);
  if (found === null) {
    const { placeholder, hit } = replacement('unscanned', text, by.key);
    return { text: placeholder, hits: [hit], withheld: true };
  }
  const parts: string[] = [];
  const hits: Hit[] = [];
  let at = 0;
  for (const { rule, start, end } of merge(found)) {
    const secret = text.slice(start, end);
    const { placeholder, hit } = replacement(rule, secret, by.key);
    parts.push(text.slice(at, start), placeholder, rule === BINARY ? ` (${Buffer.byteLength(secret)} bytes)` : '');
    hits.push(hit);
    at = end;
  }
  if (hits.length > 0) return { text: parts.join('') + text.slice(at), hits, withheld: false };
  by.clean?.add(text);
  return { text, hits, withheld: false };
}

/** What stands for a secret, and its receipt. */
export function replacement(rule: string, secret: string, key: Buffer): { placeholder: string; hit: Hit } {
  const hash = createHmac('sha256', key).update(secret).digest('hex');
  return { placeholder: `[redacted:${rule}:${hash.slice(0, 8)}]`, hit: { rule, hash: `hmac:${hash.slice(0, 16)}` } };
}

interface Found {
  rule: string;
  start: number;
  end: number;
}

/** Real time that stops a rule that hangs, as a multiple of the budget: far enough for a busy machine. */
const PATIENCE = 20;

async function scan(text: string, { rules, clock }: TextRules): Promise<Found[] | null> {
  try {
    // Before the clock starts: the first text of all has the rules read in.
    const worth = rules(text);
    const budget = BUDGET_MS * Math.ceil(Buffer.byteLength(text) / BUDGET_BYTES);
    const until = clock() + budget;
    const late = () => clock() > until;
    const run = () => findAll(text, worth, late);
    const finds = worth.some((rule) => rule.mayHang) ? runWithin(budget * PATIENCE, run) : run();
    const found: Found[] = [];
    for (const { rule, spans } of finds) {
      for (const [start, end] of await spans) found.push({ rule, start, end });
    }
    return late() ? null : found;
  } catch {
    // Whatever a rule fell over, its text must not leave.
    return null;
  }
}

interface Finds {
  rule: string;
  spans: Span[] | Promise<Iterable<Span>>;
}

/** Throws when it gets late. */
function findAll(text: string, rules: readonly SecretRule[], late: () => boolean): Finds[] {
  let scanned = 0;
  return rules.map(({ name, find }) => {
    const spans = find(text);
    // Should another rule throw, nobody is left to hear that this one failed too.
    if (spans instanceof Promise) spans.catch(() => {});
    const finds = { rule: name, spans: spans instanceof Promise ? spans : [...spans] };
    scanned += text.length;
    if (scanned >= CLOCK_EACH) {
      scanned = 0;
      if (late()) throw new Error(`no time left at ${name}`);
    }
    return finds;
  });
}

/** Overlapping finds become one, under the name of the one that begins first and reaches furthest. */
function merge(found: readonly Found[]): Found[] {
  const merged: Found[] = [];
  for (const next of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last !== undefined && next.start < last.end) last.end = Math.max(last.end, next.end);
    else if (next.end > next.start) merged.push({ ...next });
  }
  return merged;
}
