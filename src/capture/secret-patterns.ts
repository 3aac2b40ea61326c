/**
 * Secrets that the public rule set does not know, knows only in one exact length, or takes out together with what is useful
 * around them. Every pattern takes time linear in the text: what may precede a name is bounded, and each other repetition
 * ends at a character it cannot hold.
 */
import { patternRule, type SecretRule } from './secret-rule.ts';

/** Not a value but our own placeholder, a variable, a template's gap, or asterisks. */
const A_VALUE = String.raw`(?!\[redacted:|\$\(|\$\{|\$[A-Za-z_]\w*(?:["'\s]|$)|\{\{|<[\w -]*>|\*{3})`;

/** Names whose value is a secret, as they are spelled in shells, settings and code; something may come before them. */
const SECRET_NAME = String.raw`[\w-]{0,40}?(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|secret)[_-]?key)`;

const UNQUOTED = String.raw`${A_VALUE}(?<secret>[^\s"';&|]{4,})`;
const QUOTED = String.raw`"${A_VALUE}(?<secret>[^"\n]{4,})"|'${A_VALUE}(?<secret>[^'\n]{4,})'`;

const rule = (name: string, source: string, flags = '') => patternRule(name, new RegExp(source, `dg${flags}`));

const BEGIN = '-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----';
const END = BEGIN.replace('BEGIN', 'END');

export const OWN_RULES: readonly SecretRule[] = [
  // Without its end mark everything that follows is taken for the key.
  rule('private-key', String.raw`${BEGIN}[\s\S]*?(?:${END}|$)`),
  rule('aws-access-key-id', String.raw`\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b`),
  rule(
    'aws-secret-access-key',
    String.raw`secret_?(?:access_?)?key\\?["']?\s*(?:=>|[:=])\s*\\?["']?(?<secret>[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+]))`,
    'i',
  ),
  rule('json-web-token', String.raw`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*`),
  rule('url-credentials', String.raw`\b[a-z][a-z0-9+.-]{1,30}://[^\s:@/?#"']*:${A_VALUE}(?<secret>[^\s@/"']+)@`, 'i'),
  rule(
    'authorization-header',
    String.raw`\bauthorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:bearer|basic|token|digest)\s+)?${A_VALUE}(?<secret>[^\s"',;\\]{8,})`,
    'i',
  ),
  rule('bearer-token', String.raw`\bbearer\s+(?=[\w.~+/-]*\d)(?<secret>[\w.~+/-]{16,}=*)`, 'i'),
  rule('npm-credential', String.raw`:_(?:authToken|auth|password)\s*=\s*["']?${A_VALUE}(?<secret>[^\s"']{6,})`),
  rule('github-token', String.raw`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})`),
  rule('slack-token', String.raw`\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]{10,}`),
  rule('google-api-key', String.raw`\b(?:AIza[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})`),
  rule('anthropic-key', String.raw`\bsk-ant-[\w-]{16,}`),
  rule('openai-key', String.raw`\bsk-(?:(?:proj|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{32,})`),
  rule('command-line-secret', String.raw`(?:^|\s)--?${SECRET_NAME}(?:=|\s+)(?:${QUOTED}|(?!-)${UNQUOTED})`, 'i'),
  rule(
    'environment-secret',
    String.raw`\b[A-Z0-9_]{0,40}?(?:PASSW(?:OR)?D|PASSPHRASE|SECRET|TOKEN|(?:API|ACCESS|PRIVATE|SECRET)_?KEY)=(?:${QUOTED}|${UNQUOTED})`,
  ),
  // One setting a line, as in `.env`, `.ini`, YAML: a value with a digit in it, and nothing after it.
  rule(
    'assigned-secret',
    String.raw`^[ \t]*(?:export[ \t]+)?${SECRET_NAME}[ \t]*[:=][ \t]*${A_VALUE}(?=\S*\d)(?<secret>[\w/+=.~!@#%^&*-]{8,})[ \t\r]*$`,
    'im',
  ),
  rule(
    'quoted-secret',
    String.raw`\b${SECRET_NAME}\\?["']?\s*[:=]\s*\\?["']${A_VALUE}(?=[^"'\s]*[\d\W])(?<secret>[^"'\s\\]{8,})\\?["']`,
    'i',
  ),
];
