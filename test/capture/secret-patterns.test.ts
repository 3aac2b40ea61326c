import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactText } from '../../src/capture/redact-text.ts';
import { OWN_RULES } from '../../src/capture/secret-patterns.ts';
import { SECRETLINT_RULES } from '../../src/capture/secretlint-rules.ts';
import { runs } from '../helpers/fuzz.ts';

const KEY = Buffer.alloc(32, 1);
const redactBy =
  (rules = OWN_RULES) =>
  async (text: string) =>
    (await redactText(text, { key: KEY, rules: () => rules, clock: () => 0 })).text;
const own = redactBy();
const all = redactBy([...OWN_RULES, ...SECRETLINT_RULES]);

/** Letters and digits without meaning, so that no real key stands in this file. */
const noise = (length: number, seed = 7) =>
  Array.from({ length }, (_, i) => 'AbC1dEf2GhJ3kLm4NpQ5rSt6UvW7xYz8'[(i * seed + length) % 32]).join('');
const upper = (length: number) => noise(length).toUpperCase();

const [JWT, PEM] = [
  `eyJ${noise(20)}.eyJ${noise(30)}.${noise(40)}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${noise(64)}\n-----END RSA PRIVATE KEY-----`,
];

/** Rule, text before, secret, text after. */
const OWN: [rule: string, before: string, secret: string, after: string][] = [
  ['private-key', 'cat key: ', PEM, ' done'],
  ['private-key', 'in JSON: "', PEM.replaceAll('\n', '\\n'), '"'],
  ['private-key', 'cut off: ', PEM.slice(0, 60), ''],
  ['private-key', '', '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----', '\nnext'],
  ['aws-access-key-id', 'id ', `AKIA${upper(16)}`, ' end'],
  ['aws-access-key-id', 'id=', `ASIA${upper(16)}`, ';'],
  ['aws-secret-access-key', 'aws_secret_access_key = ', noise(40), '\nregion=x'],
  ['aws-secret-access-key', '"SecretAccessKey": "', noise(40), '"'],
  ['json-web-token', 'jwt ', JWT, ' end'],
  ['url-credentials', 'git clone https://dev:', 'hunter2', '@git.example/x.git'],
  ['url-credentials', 'postgres://app:', 'p%40ss:word', '@db:5432/app'],
  ['url-credentials', 'redis://:', 'secretpw', '@cache:6379'],
  ['authorization-header', 'curl -H "Authorization: Bearer ', noise(24), '" https://x'],
  ['authorization-header', '{\\"authorization\\": \\"Basic ', 'ZGV2Omh1bnRlcjI=', '\\"}'],
  ['bearer-token', 'sent bearer ', noise(32), ' to it'],
  ['npm-credential', '//registry.example/:_authToken=', noise(36), '\n'],
  ['github-token', 'gh ', `ghp_${noise(36)}`, ' end'],
  ['github-token', 'gh ', `github_pat_${noise(60)}`, ' end'],
  ['slack-token', 'slack ', `xoxb-${noise(24)}`, ' end'],
  ['google-api-key', 'key ', `AIza${noise(35)}`, ' end'],
  ['google-api-key', 'oauth ', `ya29.${noise(60)}`, ' end'],
  ['anthropic-key', 'key ', `sk-ant-api03-${noise(40)}`, ' end'],
  ['openai-key', 'key ', `sk-proj-${noise(48)}`, ' end'],
  ['openai-key', 'key ', `sk-${noise(48)}`, ' end'],
  ['command-line-secret', 'mysql --password ', 'hunter22', ' -u dev'],
  ['command-line-secret', 'deploy --client-secret="', 'a b c d', '" now'],
  ['environment-secret', 'export DB_PASSWORD=', 'hunter22', '; run'],
  ['environment-secret', 'GITHUB_TOKEN="', 'two words', '" npm run'],
  ['assigned-secret', 'user: dev\npassword: ', 'hunter22', '\nhost: x'],
  ['assigned-secret', 'api_key = ', noise(20), ''],
  ['assigned-secret', 'server.ssl.key-store-password=', noise(12), '\n'],
  ['command-line-secret', 'sshpass -p ', noise(12), ' ssh dev@host'],
  ['command-line-secret', 'mysql -u root -p', noise(12), ' shop'],
  ['command-line-secret', 'docker login -u dev -p ', noise(12), ' hub.example'],
  ['query-secret', 'GET https://x.example/v1?city=Oslo&api_key=', noise(20), '&units=metric'],
  ['query-secret', 'jdbc:mysql://db/shop?user=app&password=', 'onlyletters', ''],
  ['query-secret', 'https://shop.blob.example/c?sv=1&sig=', noise(30), '"'],
  ['webhook-url', 'https://hooks.slack.com/services/', `T${upper(8)}/B${upper(8)}/${noise(24)}`, '"'],
  ['webhook-url', 'https://discord.com/api/webhooks/1234/', noise(60), ' x'],
  ['netrc-password', 'machine x.example\n  login dev\n  password ', 'onlyletters', '\n'],
  ['cookie-header', 'Cookie: ', 'theme=dark; sessionid=abcdefgh', '\nHost: x'],
  ['xml-secret', '<add key="DbPassword" value="', 'onlyletters', '" />'],
  ['xml-secret', '<db:password>', 'onlyletters', '</db:password>'],
  ['cut-secret', 'the token is ', `ghp_${noise(9)}`, ''],
  ['cut-secret', 'the token is ', `AKIA${upper(7)}`, '\n[truncated]'],
  ['private-key', '', `${noise(64)}\n-----END RSA PRIVATE KEY-----`, '\nnext'],
  ['quoted-secret', 'const dbPassword = "', 's3cr3t-value', '";'],
  ['quoted-secret', '{"apiKey": "', noise(16), '"}'],
];

describe('our own rules', () => {
  test.each(OWN)('%s: takes out exactly the secret of %j', async (rule, before, secret, after) => {
    const redacted = await own(before + secret + after);
    expect(redacted).toBe(`${before}${redacted.slice(before.length, redacted.length - after.length)}${after}`);
    expect(redacted.slice(before.length, redacted.length - after.length)).toMatch(
      new RegExp(`^\\[redacted:${rule}:[0-9a-f]{8}\\]$`),
    );
  });

  test('every one of them is held by a case here', () => {
    const held = new Set(OWN.map(([rule]) => rule));
    expect([...held].toSorted()).toEqual([...new Set(OWN_RULES.map((rule) => rule.name))].toSorted());
  });

  test.each([
    'const token = await getToken();',
    'password: string;',
    'TOKEN=$GITHUB_TOKEN npm publish',
    `PASSWORD="\${DB_PASSWORD}"`,
    'curl -H "Authorization: Bearer $TOKEN"',
    `https://user:\${PASS}@host/x`,
    'https://example.com:8080/path@2x.png',
    'git@github.com:owner/repo.git',
    '--token-file /run/token',
    'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    'sk-circle-fade-dot sk-learn',
    'max_tokens: 4096',
    'the bearer of this letter, authorization is needed',
    'import { secret } from "./secret.ts"',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    '550e8400-e29b-41d4-a716-446655440000',
    'password=***',
    'API_KEY=your-api-key-here',
    'api_key: "INSERT_API_KEY_HERE"',
    `ghp_${'x'.repeat(36)}`,
    'AKIA' + 'IOSFODNN7EXAMPLE',
    'authorization: requirePermission("orders:read"),',
    'headers.authorization = undefined;',
    'document.cookie = serialize(cookie);',
    'npm_config_cache',
  ])('leave %j alone', async (text) => {
    expect(await own(text)).toBe(text);
  });
});

describe('secretlint’s rules', () => {
  test.each([
    ['npm', `npm_${noise(36)}`],
    ['gitlab', `glpat-${noise(20)}`],
    ['sendgrid', `SG.${noise(22)}.${noise(43)}`],
    ['stripe', `sk_live_${noise(24)}`],
    ['huggingface', `hf_${'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'}`],
    ['docker', `dckr_pat_${noise(27)}`],
    ['hashicorp-vault', `hvs.${noise(95)}`],
    ['tailscale', `tskey-auth-${noise(12)}-${noise(30)}`],
  ])('find a %s secret', async (rule, secret) => {
    expect(await all(`it is ${secret} so`)).toMatch(new RegExp(`^it is \\[redacted:${rule}:[0-9a-f]{8}\\] so$`));
  });

  test('cannot be switched off by the text they scan', async () => {
    const secret = `npm_${noise(36)}`;
    expect(await all(`// secretlint-disable\n${secret}`)).not.toContain(secret);
  });

  test('read no file: a text has no name', () => {
    expect(SECRETLINT_RULES.map((rule) => rule.name)).not.toContain('gcp');
  });
});

describe('redacted text', () => {
  const secrets = fc.constantFrom(
    ...OWN.map(([, before, secret, after]) => ({ text: `\n${before}${secret}${after}\n`, secret })),
  );
  const anything = fc.array(
    fc.oneof(
      fc.lorem().map((text) => ({ text, secret: '' })),
      fc.string().map((text) => ({ text, secret: '' })),
      secrets,
    ),
    {
      maxLength: 8,
    },
  );

  test('is the same when redacted again', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (parts) => {
        const once = await all(parts.map((part) => part.text).join('\n'));
        expect(await all(once)).toBe(once);
      }),
      runs(150),
    );
  });

  test('names equal secrets alike under one key and differently under another', async () => {
    const secret = `ghp_${noise(36)}`;
    const [first, second] = (await all(`${secret} and ${secret}`)).split(' and ');
    expect(first).toBe(second);
    const other = await redactText(secret, { key: Buffer.alloc(32, 2), rules: () => OWN_RULES, clock: () => 0 });
    expect(other.text).not.toBe(first);
  });
});
