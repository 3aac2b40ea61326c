import { type CommandLine, readCommandLine } from './command-line.ts';
import { bareHost, hostsIn, remoteHost } from './hosts.ts';
import { innerTexts } from './inner-texts.ts';
import { type Names, namesOf } from './named-files.ts';
import { normalisePath, type Places } from './places.ts';
import { DIALLERS, EVALUATORS, FETCHERS, isInterpreter, POWERSHELLS, SHELLS, showsQuoted } from './programs.ts';
import { type Pipeline, readPipelines, type Simple } from './shell-commands.ts';
import type { Dialect, Word } from './shell-words.ts';

/** What a shell text does, as far as it can be told without running it. Lists hold each name once. */
export interface CommandFacts {
  lines: string[];
  programs: Set<string>;
  pipelines: Set<string>;
  paths: Set<string>;
  writes: Set<string>;
  deletes: Set<string>;
  downloads: Set<string>;
  runs: Set<string>;
  hosts: Set<string>;
  /** A bound was met: there is more than was looked at. */
  incomplete: boolean;
}

const MAX_DEPTH = 4;
/** Letters read in all, so that texts inside texts cannot multiply the work. */
const MAX_WORK = 262_144;
const MAX_COMMANDS = 1_000;
const MAX_WORD = 2_000;

/** Reads a shell command. Pure; its work is bounded whatever the text. */
export function readCommand(text: string, places: Places, dialect: Dialect): CommandFacts {
  const reader = new CommandReader(places, dialect);
  reader.read(text, 0);
  return reader.facts;
}

class CommandReader {
  readonly facts: CommandFacts = {
    lines: [],
    programs: new Set(),
    pipelines: new Set(),
    paths: new Set(),
    writes: new Set(),
    deletes: new Set(),
    downloads: new Set(),
    runs: new Set(),
    hosts: new Set(),
    incomplete: false,
  };
  private work = 0;
  private places: Places;
  private readonly dialect: Dialect;

  constructor(places: Places, dialect: Dialect) {
    this.places = places;
    this.dialect = dialect;
  }

  /** The names of the programs of each pipeline in the text. */
  read(text: string, depth: number): string[] {
    this.work += text.length;
    if (depth > MAX_DEPTH || this.work > MAX_WORK || this.facts.lines.length > MAX_COMMANDS) {
      this.facts.incomplete = true;
      return [];
    }
    return readPipelines(text, this.dialect).map((pipeline) => this.pipeline(pipeline, depth));
  }

  private pipeline(pipeline: Pipeline, depth: number): string {
    const names: string[] = [];
    const fetches = pipeline.some((simple) => FETCHERS.includes(readCommandLine(simple)?.program ?? ''));
    for (const simple of pipeline) {
      if (this.facts.lines.length > MAX_COMMANDS) {
        this.facts.incomplete = true;
        break;
      }
      names.push(...this.command(simple, depth, fetches));
    }
    const line = names.join('|');
    if (names.length > 0) this.facts.pipelines.add(line);
    return line;
  }

  /** What it adds to its pipeline: its program, behind the programs whose output it runs. */
  private command(simple: Simple, depth: number, fetches: boolean): string[] {
    const line = readCommandLine(simple);
    this.redirects(simple, fetches);
    if (line === undefined) {
      this.inner(
        simple.words.flatMap(({ substitutions }) => substitutions),
        depth,
      );
      if (simple.redirects.length > 0) this.facts.lines.push(render('', simple).trim());
      return [];
    }
    for (const program of [...line.elevated, line.program]) this.facts.programs.add(program);
    this.facts.lines.push(render(line.program, simple, line));
    this.names(namesOf(line, this.dialect));
    this.hosts(line);
    const substituted = this.inner(
      [...simple.words, ...simple.redirects.map(({ target }) => target)]
        .flatMap(({ substitutions }) => substitutions)
        .concat(simple.brackets),
      depth,
    );
    for (const text of innerTexts(line, simple)) this.read(text, depth + 1);
    if (line.program === 'cd' || line.program === 'pushd') this.changeFolder(line.args[0]);
    return runsWhatItIsGiven(line.program) ? [...substituted, line.program] : [line.program];
  }

  private inner(texts: readonly string[], depth: number): string[] {
    return texts.flatMap((text) => this.read(text, depth + 1)).flatMap((line) => (line === '' ? [] : line.split('|')));
  }

  private changeFolder(target: Word | undefined): void {
    const text = target?.text ?? '~';
    if (text.includes('$(') || text === '-') return;
    this.places = { ...this.places, folder: normalisePath(text, this.places) };
  }

  private redirects({ redirects }: Simple, fetches: boolean): void {
    for (const { operator, target } of redirects) {
      if (/^\d+$|^-$/.test(target.text) && operator.includes('&')) continue;
      const path = this.add('paths', target.text);
      if (!operator.includes('>') || path === undefined) continue;
      this.facts.writes.add(path);
      if (fetches) this.facts.downloads.add(path);
    }
  }

  private names(names: Names): void {
    for (const kind of ['paths', 'writes', 'deletes', 'downloads', 'runs'] as const) {
      for (const name of names[kind]) {
        const path = this.add(kind, name);
        if (path !== undefined) this.facts.paths.add(path);
      }
    }
  }

  private add(kind: 'paths' | 'writes' | 'deletes' | 'downloads' | 'runs', name: string): string | undefined {
    // What a substitution or a variable stands for is not known.
    if (name === '' || name.length > MAX_WORD || name.includes('$(') || /^\$(?!HOME|\{HOME\}|env:)/i.test(name))
      return undefined;
    const path = normalisePath(name, this.places);
    this.facts[kind].add(path);
    return path;
  }

  private hosts({ program, args }: CommandLine): void {
    const plain = args.filter(({ text }, at) => !text.startsWith('-') && !/^-[a-zA-Z]$/.test(args[at - 1]?.text ?? ''));
    const found = [
      ...args.flatMap(({ text }) => hostsIn(text.slice(0, MAX_WORD))),
      ...(['scp', 'rsync', 'sftp', 'ssh'].includes(program) ? args.map(({ text }) => remoteHost(text)) : []),
      ...(FETCHERS.includes(program) ? plain.map(({ text }) => bareHost(text)) : []),
      ...(DIALLERS.includes(program)
        ? args
            .map(({ text }) => bareHost(text))
            .filter((host) => host !== '')
            .slice(0, 1)
        : []),
    ];
    for (const host of found) if (host !== '') this.facts.hosts.add(host);
  }
}

const runsWhatItIsGiven = (program: string): boolean =>
  SHELLS.includes(program) || POWERSHELLS.includes(program) || EVALUATORS.includes(program) || isInterpreter(program);

/** One line: program, words, redirections. Quoted texts with blanks are what somebody talks about, so they are left out. */
function render(program: string, { redirects }: Simple, line?: CommandLine): string {
  const words = (line?.args ?? []).map((word) => renderWord(word, showsQuoted(program)));
  const ends = redirects.map(
    ({ operator, target }) =>
      `${operator}${/[&>]$/.test(operator) && !/^\d/.test(target.text) ? ' ' : ''}${renderWord(target, false)}`,
  );
  return [program, ...words, ...ends].join(' ').slice(0, MAX_WORD * 4);
}

function renderWord({ text, quoted, substitutions }: Word, whole: boolean): string {
  const flat = text.replace(/\s*\n\s*/g, ' ');
  if (whole || !quoted || !/\s/.test(flat)) return flat;
  return substitutions.length > 0 ? '"$(…)"' : '"…"';
}
