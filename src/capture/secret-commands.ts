import { secretFileKind } from './secret-files.ts';

/** Commands whose purpose is to print a secret. */
const PRINTS_SECRETS =
  /\bsecurity\s+(?:find-(?:generic|internet)-password|dump-keychain|export)\b|\bsecret-tool\s+(?:lookup|search)\b|\b(?:pass|gopass)\s+show\b|\bop\s+(?:read|item\s+get)\b|\bbw\s+get\b|\bkeyring\s+get\b|\bgh\s+auth\s+token\b|\bgcloud\s+auth\s+(?:application-default\s+)?print-\w+-token\b|\baz\s+account\s+get-access-token\b|\bheroku\s+auth:token\b|\baws\s+(?:configure\s+(?:get|export-credentials)|secretsmanager\s+get-secret-value|ecr\s+get-login-password|sts\s+(?:assume-role|get-session-token))\b|\baws\s+ssm\s+get-parameters?\b.*--with-decryption|\baz\s+keyvault\s+secret\s+show\b|\bgcloud\s+secrets\s+versions\s+access\b|\bvault\s+(?:kv\s+get|read|login|token\s+create)\b|\bkubectl\s+(?:config\s+view\b.*--raw|get\s+secrets?\b.*(?:-o|--output)|create\s+token)|\bdoppler\s+secrets\b|\bget-(?:stored)?credential\b|\bgpg\b.*--export-secret|\bssh-keygen\b.*-y/i;

/** Programs that do not print what is in the files they are given. */
const PRINTS_NOTHING_OF_IT = new Set(
  'ls dir ll stat file test [ touch chmod chown rm del erase mv move cp copy ln mkdir rmdir echo printf which basename dirname realpath readlink du wc ssh scp ssh-add ssh-copy-id rsync docker docker-compose podman remove-item test-path new-item copy-item move-item'.split(
    ' ',
  ),
);
const GIT_PRINTS_NOTHING = new Set(
  'add rm mv status commit check-ignore push pull fetch checkout restore ls-files update-index branch'.split(' '),
);
/** Words before the program itself. */
const PREFIXES = new Set(['sudo', 'env', 'time', 'nohup', 'exec', 'command', 'xargs', 'do', 'then', 'else', '!']);

/**
 * Where the secrets in this command line's output would come from (`keychain`, or the kind of file it reads); null: nothing
 * says so. A program that is not known to keep a file's content to itself counts as one that prints it.
 */
export function commandOrigin(command: string): string | null {
  if (PRINTS_SECRETS.test(command)) return 'keychain';
  for (const step of command.split(/[;&|\n`]|\$\(/)) {
    const words = step.split(/[\s"'=<>(),:@[\]{}]+/).filter((word) => word !== '');
    if (printsNothing(words)) continue;
    for (const word of words) {
      const kind = secretFileKind(word);
      if (kind !== null) return kind;
    }
  }
  return null;
}

function printsNothing(words: readonly string[]): boolean {
  const at = words.findIndex((word) => !PREFIXES.has(word));
  const program = (words[at] ?? '').replace(/^.*[\\/]/, '').toLowerCase();
  if (program === 'git') return words.slice(at + 1).some((word) => GIT_PRINTS_NOTHING.has(word));
  if (program === 'find') return !words.some((word) => word.startsWith('-exec'));
  return PRINTS_NOTHING_OF_IT.has(program);
}
