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
  return {
    name: shortName(creator),
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
