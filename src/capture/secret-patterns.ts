/**
 * Secrets that the public rule set does not know, knows only in one exact length, or takes out together with what is useful
 * around them. Every pattern takes time linear in the text: what may precede a name is bounded, and each other repetition
 * ends at a character it cannot hold.
 */
import { patternRule, type SecretRule } from './secret-rule.ts';

/** Not a value but our own placeholder, a variable, a template's gap, asterisks, or what a manual says to put here. */
const A_VALUE = String.raw`(?!\[redacted:|\$\(|\$\{|\$[A-Za-z_]\w*(?:["'\s]|$)|\{\{|<[\w -]*>|\*{3}|sk-\.|(?:[Yy]our|YOUR|[Ii]nsert|INSERT|[Rr]eplace|REPLACE)[_-]|REDACTED)`;
/** Whether a value by a secret's name can be the secret itself. */
export const BEGINS_A_VALUE = new RegExp(`^${A_VALUE}`);
/** Not one character again and again, as in `ghp_xxxxxxxx`. */
const VARIED = String.raw`(?!(\w)\1{7})`;

/** Names whose value is a secret, as they are spelled in shells, settings and code; something may come before them. */
const SECRET_WORD = '(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|secret)[_-]?key)';
const SECRET_NAME = String.raw`[\w-]{0,40}?${SECRET_WORD}`;

const UNQUOTED = String.raw`${A_VALUE}(?<secret>[^\s"';&|]{4,})`;
const QUOTED = String.raw`"${A_VALUE}(?<secret>[^"\n]{4,})"|'${A_VALUE}(?<secret>[^'\n]{4,})'`;

/** `keywords`: as of a `SecretRule`, with spaces between. */
const rule = (name: string, keywords: string, source: string, flags = ''): SecretRule => ({
  ...patternRule(name, new RegExp(source, `dg${flags}`)),
  keywords: keywords.split(' '),
});

/** Without one of these there is no `SECRET_WORD`. */
const SECRET_WORDS =
  'passw passphrase secret token credential apikey api_key api-key accesskey access_key access-key privatekey private_key private-key';

const BEGIN = '-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----';
const END = BEGIN.replace('BEGIN', 'END');

export const OWN_RULES: readonly SecretRule[] = [
  // Without its end mark everything that follows is taken for the key, and what precedes an end without a beginning.
  rule('private-key', '-----begin -----end', String.raw`${BEGIN}[\s\S]*?(?:${END}|$)|^[\w+/=\s\\-]{0,16384}${END}`),
  rule(
    'aws-access-key-id',
    'akia asia abia acca a3t',
    String.raw`\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b(?<!EXAMPLE)`,
  ),
  rule(
    'aws-secret-access-key',
    'secret',
    String.raw`secret_?(?:access_?)?key\\?["']?\s*(?:=>|[:=])\s*\\?["']?(?<secret>[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+]))`,
    'i',
  ),
  rule('json-web-token', 'eyj', String.raw`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*`),
  rule(
    'url-credentials',
    '://',
    String.raw`\b[a-z][a-z0-9+.-]{1,30}://[^\s:@/?#"']*:${A_VALUE}(?<secret>[^\s@/"']+)@`,
    'i',
  ),
  rule(
    'authorization-header',
    'authorization',
    String.raw`\bauthorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:bearer|basic|token|digest)\s+)?(?![\w.]+\(|undefined\b)${A_VALUE}(?<secret>[^\s"',;\\]{8,})`,
    'i',
  ),
  rule('bearer-token', 'bearer', String.raw`\bbearer\s+(?=[\w.~+/-]*\d)(?<secret>[\w.~+/-]{16,}=*)`, 'i'),
  rule(
    'npm-credential',
    ':_auth :_password',
    String.raw`:_(?:authToken|auth|password)\s*=\s*["']?${A_VALUE}(?<secret>[^\s"']{6,})`,
  ),
  rule(
    'github-token',
    'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_',
    String.raw`\b(?:gh[pousr]_${VARIED}[A-Za-z0-9]{36,}|github_pat_\w{22,})`,
  ),
  rule('slack-token', 'xox xapp-', String.raw`\b(?:xox[a-z]|xapp)-(?=[A-Za-z-]*\d)[A-Za-z0-9-]{10,}`),
  rule(
    'google-api-key',
    'aiza gocspx- ya29.',
    String.raw`\b(?:AIza(?!Sy(\w)\1{7})[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})`,
  ),
  rule('anthropic-key', 'sk-ant-', String.raw`\bsk-ant-[\w-]{16,}`),
  rule('openai-key', 'sk-', String.raw`\bsk-(?:(?:proj|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{32,})`),
  rule(
    'command-line-secret',
    SECRET_WORDS,
    String.raw`(?:^|\s)--?${SECRET_NAME}(?:=|\s+)(?:${QUOTED}|(?!-)${UNQUOTED})`,
    'i',
  ),
  rule(
    'command-line-secret',
    'sshpass mysql login',
    String.raw`\b(?:sshpass\s+-p\s*|mysql\w*\b[^\n;|&]{0,200}?\s-p|(?:docker|podman|helm)\b[^\n;|&]{0,40}?\blogin\b[^\n;|&]{0,200}?\s-p\s+)(?:${QUOTED}|${UNQUOTED})`,
  ),
  rule(
    'query-secret',
    `${SECRET_WORDS} sig= signature=`,
    String.raw`[?&][\w.-]{0,40}?(?:${SECRET_WORD}|\bsig|signature)=${A_VALUE}(?<secret>[^\s&#"'<>\\]{4,})`,
    'i',
  ),
  rule(
    'webhook-url',
    'hooks.slack.com/ discord.com/api/ discordapp.com/api/ .webhook.office.com/',
    String.raw`\bhttps://(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/\d+/|[\w.-]+\.webhook\.office\.com/webhookb2/)(?=[^\s"'<>]*\d)(?<secret>[\w/@.-]{16,})`,
  ),
  rule(
    'netrc-password',
    'machine login',
    String.raw`\b(?:machine|login)\s+\S{1,200}\s+password\s+${A_VALUE}(?<secret>\S{4,})`,
  ),
  rule(
    'cookie-header',
    'cookie',
    String.raw`\bcookie\\?["']?\s*[:=]\s*\\?["']?(?<secret>[\w.-]{1,100}=(?!\[redacted:)[^"'\n\\]{4,})`,
    'i',
  ),
  rule(
    'xml-secret',
    SECRET_WORDS,
    String.raw`<(?:\w+:)?${SECRET_NAME}>${A_VALUE}(?<secret>[^<\s]{4,})</|\b(?:key|name)="${SECRET_NAME}"\s+value="${A_VALUE}(?<secret>[^"\n]{4,})"`,
    'i',
  ),
  // What Kiro cut off within a token it cut for us: its beginning says enough.
  rule(
    'cut-secret',
    'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox xapp- sk-ant- sk-proj- sk_live_ rk_live_ akia asia aiza npm_ pypi- hf_ dop_v1_ hvs. hvb. sg. ya29. eyj',
    String.raw`\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|xapp-|sk-(?:ant|proj)-|[sr]k_live_|AKIA|ASIA|AIza|npm_|pypi-|hf_|dop_v1_|hv[sb]\.|SG\.|ya29\.|eyJ)(?=[\w.-]*\d)(?![\w.-]*(?:EXAMPLE|xxxx))[\w.-]{4,}(?=\s*(?:$|…|\.\.\.|[[(<]?\s?(?:output )?truncated))`,
  ),
  rule(
    'environment-secret',
    SECRET_WORDS,
    String.raw`\b[A-Z0-9_]{0,40}?(?:PASSW(?:OR)?D|PASSPHRASE|SECRET|TOKEN|(?:API|ACCESS|PRIVATE|SECRET)_?KEY)=(?:${QUOTED}|${UNQUOTED})`,
  ),
  // One setting a line, as in `.env`, `.ini`, YAML: a value with a digit in it, and nothing after it.
  rule(
    'assigned-secret',
    SECRET_WORDS,
    String.raw`^[ \t]*(?:export[ \t]+)?[\w.-]{0,80}?${SECRET_WORD}[ \t]*[:=][ \t]*${A_VALUE}(?=\S*\d)(?<secret>[\w/+=.~!@#%^&*-]{8,})[ \t\r]*$`,
    'im',
  ),
  rule(
    'quoted-secret',
    SECRET_WORDS,
    String.raw`\b${SECRET_NAME}\\?["']?\s*[:=]\s*\\?["']${A_VALUE}(?<secret>[^"'\s\\]{8,})\\?["']`,
    'i',
  ),
];
