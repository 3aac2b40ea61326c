import type { ContentRule } from '../core/settings.ts';
import { patternRule, type SecretRule } from './secret-rule.ts';

/** An organisation's own rules (setting `content.rules`, checked there). The secret is the group named `secret`, or the whole match. */
export function customRules(rules: readonly ContentRule[]): SecretRule[] {
  return rules.map(({ name, pattern, flags = '' }) => ({
    ...patternRule(name, new RegExp(pattern, `${flags}dg`)),
    mayHang: true,
  }));
}
