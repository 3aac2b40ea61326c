import { BINARY_RULE } from './binary-blobs.ts';
import { gitleaksRulesFor } from './gitleaks-rules.ts';
import { JSON_RULE } from './json-secrets.ts';
import { OWN_RULES } from './secret-patterns.ts';
import type { RulesFor, SecretRule } from './secret-rule.ts';
import { SECRETLINT_RULES } from './secretlint-rules.ts';

const BUILT_IN: readonly SecretRule[] = [...OWN_RULES, JSON_RULE, ...SECRETLINT_RULES, BINARY_RULE];

/** All we know, after `custom`: an organisation's own name for a secret says more than ours. */
export function rulesBeside(custom: readonly SecretRule[]): RulesFor {
  return (text) => [...custom, ...BUILT_IN, ...gitleaksRulesFor(text)];
}
