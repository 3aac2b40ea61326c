import type { InferredOptionTypes, Options } from 'yargs';
import type { Json } from '../core/event.ts';
import type { Host } from '../core/host.ts';

/** 0 done; 1 failed; 2 wrong usage; 3 it works but something needs you. */
export type ExitCode = 0 | 1 | 2 | 3;

/** What a command answers. Only `command-line.ts` prints it: `output` for people, `json` (with `schemaVersion`) under `--json`. */
export interface Answer {
  output: string;
  /** null: everything was said line by line. */
  json: { [key: string]: Json } | null;
  exitCode: ExitCode;
}

/** Where a long-running command reports while it works. */
export interface Progress {
  /** A line that stays: on standard output, or not at all under `--json`. */
  say(line: string): void;
  /** A line that replaces the one before it on a terminal, and is not shown elsewhere. */
  show(line: string): void;
  /** A line of the answer itself, at once and as it is: under `--json`, too. */
  tell(line: string): void;
  /** The whole terminal, until it is closed; only where `terminal` says that there is one. */
  screen(): Screen;
  /** Asks a person for a yes; nobody there to answer is a no. */
  confirm(question: string): Promise<boolean>;
  /** How many characters fit into a line; null where nobody looks. */
  width: number | null;
  /** Resolves when the user asks to stop (Ctrl+C, SIGTERM). */
  stopped: Promise<void>;
  /** Whether a person is looking. */
  terminal: boolean;
}

/** A terminal's screen that is drawn anew as a whole. */
export interface Screen {
  /** Again on each change of the terminal's size. */
  draw(text: string): void;
  /** Resolves when the user presses q, Escape or Ctrl+C, or the input ends. */
  left: Promise<void>;
  close(): void;
}

export interface Command<O extends Record<string, Options> = Record<string, Options>> {
  /** As yargs writes it, positionals included: `workspaces [action] [path]`. */
  usage: string;
  summary: string;
  options: O;
  /** Positionals, by name. */
  positionals?: Record<string, { describe: string; choices?: readonly string[] }>;
  /** `[command line, what it does]`, without the program's name. */
  examples: readonly (readonly [string, string])[];
  run(host: Host, args: InferredOptionTypes<O> & Positionals, progress: Progress): Promise<Answer>;
}
export type Positionals = Readonly<Record<string, unknown>>;

/** Ties the options' declaration to the types that `run` gets. */
export function defineCommand<const O extends Record<string, Options>>(command: Command<O>): Command<O> {
  return command;
}
