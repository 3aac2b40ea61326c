import { type Dialect, readTokens, type Token, type Word } from './shell-words.ts';

export interface Redirect {
  operator: string;
  target: Word;
}
/** One simple command as typed: its words and redirections, in order. */
export interface Simple {
  words: Word[];
  redirects: Redirect[];
  /** What it is given by a here-document or here-string. */
  input: string;
  /** What stands in brackets behind its words: PowerShell's `iex (irm …)`. */
  brackets: string[];
}
/** Commands whose output runs into the next one. */
export type Pipeline = Simple[];

const RESERVED = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'while',
  'until',
  'do',
  'done',
  '!',
  '{',
  '}',
  'esac',
  'in',
  'function',
];

/** The pipelines of a shell text, in order. Loops and conditions are read as if every branch ran. Pure. */
export function readPipelines(text: string, dialect: Dialect): Pipeline[] {
  const pipelines: Pipeline[] = [];
  let pipeline: Pipeline = [];
  let command = newCommand();
  const endCommand = () => {
    if (command.words.length + command.redirects.length > 0) pipeline.push(command);
    command = newCommand();
  };
  const endPipeline = () => {
    endCommand();
    if (pipeline.length > 0) pipelines.push(pipeline);
    pipeline = [];
  };
  const tokens = readTokens(text, dialect);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === 'word') addWord(command, token);
    else if (token.kind === 'redirect') at += addRedirect(command, token.text, tokens[at + 1]);
    else if (token.kind === 'operator' && (token.text === '|' || token.text === '|&')) endCommand();
    else if (token.kind === 'operator' && token.text === '(' && command.words.length > 0) {
      const end = closing(tokens, at);
      command.brackets.push(asText(tokens.slice(at + 1, end)));
      at = end;
    } else endPipeline();
  }
  endPipeline();
  return pipelines;
}

const newCommand = (): Simple => ({ words: [], redirects: [], input: '', brackets: [] });

function addWord(command: Simple, word: Word): void {
  const first = command.words.length === 0 && !word.quoted;
  if (first && RESERVED.includes(word.text)) return;
  command.words.push(word);
}

/** How many tokens were used up beside the redirection itself. */
function addRedirect(command: Simple, operator: string, next: Token | undefined): number {
  if (next?.kind === 'here') {
    command.input += next.text;
    return 1;
  }
  if (next?.kind !== 'word') return 0;
  if (operator.endsWith('<<<')) command.input += next.text;
  else command.redirects.push({ operator, target: next });
  return 1;
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'operator') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return at;
  }
  return tokens.length;
}

const asText = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'word' && token.quoted ? `'${token.text}'` : token.text)).join(' ');
