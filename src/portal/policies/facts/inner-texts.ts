import type { CommandLine } from './command-line.ts';
import { EVALUATORS, POWERSHELLS, SHELLS } from './programs.ts';
import type { Simple } from './shell-commands.ts';
import type { Word } from './shell-words.ts';

/** The shell texts that a command runs itself: `sh -c '…'`, `eval …`, a here-document for a shell, `find -exec …`. Pure. */
export function innerTexts(line: CommandLine, simple: Simple): string[] {
  // What a substitution says is not known; the commands in it are read on their own.
  return textsOf(line, simple)
    .map((text) => text.replaceAll('$(…)', ''))
    .filter((text) => text.trim() !== '');
}

function textsOf({ program, args }: CommandLine, { input }: Simple): string[] {
  if (SHELLS.includes(program) || program === 'su') return [...afterOption(args, /^-[a-z]*c$|^--command$/), input];
  if (POWERSHELLS.includes(program)) return [...restAfter(args, /^-c(om(mand)?)?$/i), input];
  if (program === 'cmd') return restAfter(args, /^\/[ck]$/i);
  if (EVALUATORS.includes(program) && program.length > 1 && program !== 'source') return [joined(args)];
  if (program === 'find')
    return restAfter(args, /^-(exec|execdir|ok|okdir)$/).map((text) => text.replace(/ [;+]( .*)?$/, ''));
  return [];
}

function afterOption(args: readonly Word[], option: RegExp): string[] {
  const at = args.findIndex(({ text }) => option.test(text));
  const text = at < 0 ? undefined : args[at + 1]?.text;
  return text === undefined ? [] : [text];
}

function restAfter(args: readonly Word[], option: RegExp): string[] {
  const at = args.findIndex(({ text }) => option.test(text));
  return at < 0 || at + 1 >= args.length ? [] : [joined(args.slice(at + 1))];
}

const joined = (args: readonly Word[]): string =>
  args.length === 1
    ? (args[0]?.text ?? '')
    : args.map(({ text, quoted }) => (quoted && /\s/.test(text) ? `'${text}'` : text)).join(' ');
