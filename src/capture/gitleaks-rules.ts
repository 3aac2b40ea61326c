/** The rules of gitleaks (installer-assets/redaction). `build/convert-gitleaks.ts` makes their file. */
import { readTextAsset } from '../core/assets.ts';
import type { SecretRule, Span } from './secret-rule.ts';

type PatternText = [source: string, flags: string];

interface AllowText {
  target: 'secret' | 'match' | 'line';
  patterns: PatternText[];
  words: string[];
}

interface RuleText {
  name: string;
  pattern: PatternText;
  entropy?: number;
  keywords: string[];
  allow?: AllowText[];
}

const FILE = 'installer-assets/redaction/gitleaks.json';

/** Each with its keywords. Throws `asset-missing`. */
export function loadGitleaksRules(): SecretRule[] {
  const { allow, rules } = JSON.parse(readTextAsset(FILE)) as { allow: AllowText[]; rules: RuleText[] };
  const everywhere = allow.map(letsGo);
  return rules.map((rule) => toRule(rule, [...everywhere, ...(rule.allow ?? []).map(letsGo)]));
}

function toRule({ name, pattern: [source, flags], entropy, keywords }: RuleText, allowed: LetsGo[]): SecretRule {
  const pattern = new RegExp(source, `dg${flags}`);
  return {
    name,
    keywords,
    mayHang: true,
    *find(text) {
      for (const { indices } of text.matchAll(pattern)) {
        const [match, ...groups] = indices ?? [];
        if (match === undefined) continue;
        // A group that took no part has no span, whatever the type says.
        const span =
          (groups as (Span | undefined)[]).find((group) => group !== undefined && group[0] < group[1]) ?? match;
        const secret = text.slice(...span);
        if (entropy !== undefined && bitsPerCharacter(secret) <= entropy) continue;
        if (!allowed.some((letGo) => letGo({ text, match, secret }))) yield span;
      }
    },
  };
}

type LetsGo = (found: { text: string; match: Span; secret: string }) => boolean;

function letsGo({ target, patterns, words }: AllowText): LetsGo {
  const expressions = patterns.map(([source, flags]) => new RegExp(source, flags));
  return ({ text, match: [start, end], secret }) => {
    const lower = secret.toLowerCase();
    if (words.some((word) => lower.includes(word))) return true;
    const subject = {
      secret: () => secret,
      match: () => withLead(text, start, end),
      line: () => linesOf(text, start, end),
    };
    return expressions.some((expression) => expression.test(subject[target]()));
  };
}

const LEAD = /[\w.-]{0,50}$/;

/** The match with what precedes its first word, which the patterns were relieved of (`build/gitleaks-toml.ts`). */
function withLead(text: string, start: number, end: number): string {
  const lead = LEAD.exec(text.slice(Math.max(0, start - 50), start))?.[0] ?? '';
  return lead + text.slice(start, end);
}

function linesOf(text: string, start: number, end: number): string {
  const after = text.indexOf('\n', end);
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, after === -1 ? undefined : after);
}

/** Shannon's entropy. */
export function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const total = [...text].length;
  return [...counts.values()].reduce((bits, count) => bits - (count / total) * Math.log2(count / total), 0);
}
