import { BINARY_RULE } from './binary-blobs.ts';
import { loadGitleaksRules } from './gitleaks-rules.ts';
import { JSON_RULE } from './json-secrets.ts';
import { OWN_RULES } from './secret-patterns.ts';
import type { RulesFor, SecretRule } from './secret-rule.ts';
import { SECRETLINT_RULES } from './secretlint-rules.ts';
import { selectRules } from './select-rules.ts';

let worthTrying: ((text: string) => SecretRule[]) | undefined;

/** All that come with the program. Throws `asset-missing`. */
export function builtInRules(): SecretRule[] {
  return [...OWN_RULES, JSON_RULE, ...SECRETLINT_RULES, BINARY_RULE, ...loadGitleaksRules()];
}

/**
 * All we know, after `custom`: an organisation's own name for a secret says more than ours. gitleaks' rules are read when the
 * first text asks for them.
 */
export function rulesBeside(custom: readonly SecretRule[]): RulesFor {
  return (text) => {
    worthTrying ??= selectRules(builtInRules());
    return [...custom, ...worthTrying(text)];
  };
}
