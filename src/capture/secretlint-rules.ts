/**
 * The detectors of secretlint's recommended preset, run by ourselves: its engine honours `secretlint-disable` comments in the
 * text (whoever writes the text could switch redaction off), keeps timing records for ever, and cannot be stopped between
 * two rules when time is up.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintRuleContext, SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types';
import type { SecretRule, Span } from './secret-rule.ts';

const PREFIX = '@secretlint/secretlint-rule-';

const LEFT_OUT = new Set([
  // Switches the others off.
  'filter-comments',
  // Reads key files by their name; a key's text is found by other rules.
  'gcp',
  // Take the whole address, host included, and excuse many passwords; ours takes exactly the password.
  'basicauth',
  'database-connection-string',
  // Names a stretch that begins at the key's name and is only as long as the key, so that its end would stay.
  'aws',
]);

/** Of the preset's pinned version: what each pattern of a detector cannot match without. One that is not here is always tried. */
const KEYWORDS: { [rule: string]: readonly string[] } = {
  privatekey: ['private key'],
  npm: ['x-oauth-basic@', '_authtoken=', 'npm_'],
  slack: ['xox', 'xapp-', 'hooks.slack.com'],
  sendgrid: ['sg.'],
  shopify: ['shppa_', 'shpca_', 'shpat_', 'shpss_'],
  stripe: ['sk_live', 'sk_test', 'rk_live', 'rk_test'],
  github: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  gitlab: ['glpat-'],
  grafana: ['glc_', 'glsa_'],
  openai: ['sk-'],
  anthropic: ['sk-ant-'],
  groq: ['gsk_'],
  huggingface: ['hf_'],
  linear: ['lin_api_'],
  notion: ['ntn_'],
  '1password': ['ops_'],
  'hashicorp-vault': ['hvs.', 'hvb.', 'hvr.'],
  vercel: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
  databricks: ['dapi'],
  docker: ['dckr_pat_'],
  figma: ['figd_'],
  cloudflare: ['cfk_', 'cfut_', 'cfat_'],
  tailscale: ['tskey-'],
};

export const SECRETLINT_RULES: readonly SecretRule[] = (rules as readonly SecretLintRuleCreator[])
  .filter((rule) => !LEFT_OUT.has(shortName(rule)))
  .map(adapt);

function shortName({ meta }: SecretLintRuleCreator): string {
  return meta.id.slice(PREFIX.length);
}

function adapt(creator: SecretLintRuleCreator): SecretRule {
  let found: Span[] = [];
  const context: SecretLintRuleContext = {
    sharedOptions: {},
    createTranslator: () => (messageId, data) => ({ messageId: String(messageId), message: '', data }),
    report: ({ range }) => {
      found.push(range);
    },
    ignore: () => {},
  };
  const { file } = creator.create(context, {});
  const name = shortName(creator);
  const keywords = KEYWORDS[name];
  return {
    name,
    ...(keywords && { keywords }),
    find(text) {
      found = [];
      const running = file?.(textSource(text));
      return running instanceof Promise ? running.then(() => found) : found;
    },
  };
}

/** A text that is no file. The rules we run use nothing of a source but its content and its (missing) name. */
function textSource(content: string): SecretLintSourceCode {
  const source: Partial<SecretLintSourceCode> = {
    content,
    filePath: undefined,
    ext: '',
    contentType: 'text',
    hasBOM: false,
  };
  return source as SecretLintSourceCode;
}
