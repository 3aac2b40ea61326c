import type { CommandLine } from './command-line.ts';
import {
  COPIERS,
  DELETERS,
  FETCHERS,
  isInterpreter,
  MOVERS,
  POWERSHELLS,
  SHELLS,
  SPEAKERS,
  TOUCHERS,
} from './programs.ts';
import type { Dialect, Word } from './shell-words.ts';

/** The files that a command names, as typed, by what becomes of them. */
export interface Names {
  paths: string[];
  writes: string[];
  deletes: string[];
  downloads: string[];
  runs: string[];
}

/** What the words of a command say about files. Pure; nothing is looked up. */
export function namesOf(line: CommandLine, dialect: Dialect): Names {
  const { program, args } = line;
  const names: Names = { paths: [], writes: [], deletes: [], downloads: [], runs: [] };
  if (!SPEAKERS.includes(program)) names.paths = args.flatMap((word) => pathIn(word, dialect));
  const plain = plainWords(args, dialect);
  if (DELETERS.includes(program)) names.deletes = plain;
  else if (program === 'git' && plain[0] === 'rm') names.deletes = plain.slice(1);
  else if (program === 'find') names.deletes = deletedByFind(args);
  else if (COPIERS.includes(program)) copied(names, program, args, plain);
  else if (TOUCHERS.includes(program)) names.writes = plain;
  else if (program === 'sed' || program === 'perl') names.writes = editedInPlace(args, plain);
  else if (program === 'dd') names.writes = valuesOf(args, /^of=(.+)/);
  else if (FETCHERS.includes(program)) names.downloads = downloaded(program, args);
  names.writes.push(...names.downloads);
  names.runs = run(line, plain);
  return names;
}

const plainWords = (args: readonly Word[], dialect: Dialect): string[] =>
  args
    .map(({ text }) => text)
    .filter((text) => text !== '' && !text.startsWith('-') && !(dialect === 'windows' && /^\/[a-z]{1,2}$/i.test(text)));

/** A word that looks like a path, or holds one: `--key=path`, `name=@path`, `@path`. */
function pathIn({ text, quoted }: Word, dialect: Dialect): string[] {
  const value = text.replace(/^--?[\w-]+=/, '').replace(/^[\w-]*=?@(?=[\w.~/])/, '');
  if (value.startsWith('-') || value.includes('://') || value.includes('\n') || value.length > 2_000) return [];
  if (/\s/.test(value) && !(quoted && /^(~|\.{0,2}\/|[A-Za-z]:[\\/])/.test(value))) return [];
  const slash = dialect === 'windows' ? /[/\\]/ : /\//;
  const looks =
    slash.test(value) ||
    /^[~.]/.test(value) ||
    /^[\w@+.-]+\.[A-Za-z][\w-]{0,11}$/.test(value) ||
    /^\$(HOME|\{HOME\}|env:)/i.test(value);
  return looks ? [value] : [];
}

function deletedByFind(args: readonly Word[]): string[] {
  if (!args.some(({ text }) => text === '-delete' || /^(rm|unlink|shred)$/.test(text))) return [];
  const end = args.findIndex(({ text }) => text.startsWith('-') || text === '(' || text === '!');
  return args.slice(0, end < 0 ? undefined : end).map(({ text }) => text);
}

function copied(names: Names, program: string, args: readonly Word[], plain: readonly string[]): void {
  const named = valuesAfter(args, /^(-t|--target-directory|-Destination)$/i);
  const target = named[0] ?? (plain.length > 1 ? plain.at(-1) : undefined);
  if (target === undefined) return;
  const sources = plain.filter((each) => each !== target);
  names.writes = [target];
  if (/[/\\]$/.test(target))
    names.writes.push(...sources.map((source) => target + (source.split(/[/\\]/).at(-1) ?? '')));
  if (MOVERS.includes(program)) names.deletes = sources;
}

function editedInPlace(args: readonly Word[], plain: readonly string[]): string[] {
  const inPlace = args.some(({ text }) => /^-[a-zA-Z]*i|^--in-place/.test(text));
  if (!inPlace) return [];
  const scripted = args.some(({ text }) => /^(-e|--expression|-f)/.test(text));
  return plain.slice(scripted ? 0 : 1);
}

function downloaded(program: string, args: readonly Word[]): string[] {
  const output = program === 'wget' ? /^(-[a-z]*O|--output-document)$/ : /^(-[a-zA-Z]*o|--output|-OutFile|--out)$/i;
  const attached = program === 'wget' ? /^(?:-O|--output-document=)(.+)/ : /^(?:-o|--output=)(.+)/;
  const curlOwnName =
    program === 'curl' && args.some(({ text }) => /^-[a-zA-Z]*O/.test(text) || text === '--remote-name');
  const named = [...(curlOwnName ? [] : valuesAfter(args, output)), ...valuesOf(args, attached)].filter(
    (name) => name !== '-',
  );
  const own = named.length === 0 && (program === 'wget' || curlOwnName);
  const stdout = program === 'wget' && args.some(({ text }) => /^-[a-z]*O-?$/.test(text));
  if (!own || stdout) return named;
  return args.flatMap(({ text }) => /:\/\/[^/]+\/(?:[^?#]*\/)?([^/?#]+)/.exec(text)?.[1] ?? []);
}

/** Files that are executed, or made executable. */
function run({ program, typed, args }: CommandLine, plain: readonly string[]): string[] {
  const runs = /[/\\]/.test(typed) ? [typed] : [];
  if (program === 'chmod' && /^([ugoa]*\+[rwst]*x|[0-7]?[1357][0-7]{2})/.test(plain[0] ?? ''))
    runs.push(...plain.slice(1));
  const script = SHELLS.includes(program) || isInterpreter(program) || ['source', '.'].includes(program);
  if (script && !args.some(({ text }) => /^-[a-z]*[ce]$/.test(text))) runs.push(...plain.slice(0, 1));
  if (POWERSHELLS.includes(program)) runs.push(...valuesAfter(args, /^-f(ile)?$/i));
  return runs;
}

function valuesAfter(args: readonly Word[], option: RegExp): string[] {
  return args.flatMap(({ text }, at) => (option.test(text) ? (args[at + 1]?.text ?? []) : []));
}
const valuesOf = (args: readonly Word[], pattern: RegExp): string[] =>
  args.flatMap(({ text }) => pattern.exec(text)?.[1] ?? []);
