import type { Simple } from './shell-commands.ts';
import type { Word } from './shell-words.ts';

/** A command without what only stands around it: assignments, `sudo`, `env`, `timeout 5`, `xargs`, … */
export interface CommandLine {
  /** Base name in small letters, without `.exe`. */
  program: string;
  /** As typed, with its folder. */
  typed: string;
  args: Word[];
  /** The wrappers taken off that stand for more rights. */
  elevated: string[];
}

const ELEVATING = ['sudo', 'doas', 'gsudo', 'pkexec'];
/** Wrappers and which of their options take a value; a number says how many plain words they take first. */
const WRAPPERS = new Map<string, { valued: RegExp; plain: number }>([
  ['sudo', { valued: /^-[ugCDhpRrTt]$|^--(user|group|chdir|host|prompt|role|type)$/, plain: 0 }],
  ['doas', { valued: /^-[uC]$/, plain: 0 }],
  ['gsudo', { valued: /^-[u]$/, plain: 0 }],
  ['pkexec', { valued: /^--user$/, plain: 0 }],
  ['env', { valued: /^(-u|-C|--unset|--chdir)$/, plain: 0 }],
  ['nohup', { valued: /^$/, plain: 0 }],
  ['setsid', { valued: /^$/, plain: 0 }],
  ['time', { valued: /^-[fo]$/, plain: 0 }],
  ['nice', { valued: /^-n$/, plain: 0 }],
  ['ionice', { valued: /^-[cnp]$/, plain: 0 }],
  ['timeout', { valued: /^(-k|-s|--signal|--kill-after)$/, plain: 1 }],
  ['gtimeout', { valued: /^(-k|-s)$/, plain: 1 }],
  ['stdbuf', { valued: /^-[ioe]$/, plain: 0 }],
  ['caffeinate', { valued: /^-[tw]$/, plain: 0 }],
  ['xargs', { valued: /^-[adEIiLnPs]$/, plain: 0 }],
  ['exec', { valued: /^-a$/, plain: 0 }],
  ['command', { valued: /^$/, plain: 0 }],
  ['builtin', { valued: /^$/, plain: 0 }],
  ['busybox', { valued: /^$/, plain: 0 }],
]);

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;

/** What a simple command runs. Undefined when it only assigns or redirects. Pure. */
export function readCommandLine({ words }: Simple): CommandLine | undefined {
  const elevated: string[] = [];
  let rest = words;
  for (;;) {
    rest = withoutAssignments(rest);
    const [first] = rest;
    if (first === undefined) return undefined;
    const program = programName(first.text);
    const wrapper = WRAPPERS.get(program);
    const inner = wrapper === undefined ? [] : unwrap(rest.slice(1), wrapper);
    if (withoutAssignments(inner).length === 0) return { program, typed: first.text, args: rest.slice(1), elevated };
    if (ELEVATING.includes(program)) elevated.push(program);
    rest = inner;
  }
}

function withoutAssignments(words: Word[]): Word[] {
  const first = words.findIndex((word) => !ASSIGNMENT.test(word.text));
  return first < 0 ? [] : words.slice(first);
}

function unwrap(words: Word[], { valued, plain }: { valued: RegExp; plain: number }): Word[] {
  let at = 0;
  for (let left = plain; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (text === '--') return words.slice(at + 1);
    if (text.startsWith('-') && text.length > 1) {
      if (valued.test(text)) at++;
    } else if (left > 0) left--;
    else break;
  }
  return words.slice(at);
}

/** The base name of a program as typed, in small letters, without `.exe`. */
export function programName(typed: string): string {
  const base = typed.split(/[/\\]/).at(-1) ?? '';
  return base.toLowerCase().replace(/\.exe$/, '');
}
