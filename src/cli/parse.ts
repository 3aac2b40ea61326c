import { Failure } from '../core/failure.ts';
import type { Command, ExitCode } from './command.ts';

export type Parsed = { command: Command; args: Record<string, unknown> } | { text: string; exitCode: ExitCode };

/** Every command by its first word, loaded when it is asked for. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/**
 * Turns a command line into the command to run, or into the help to print. Loads only the command that was named; the
 * overview (`--help` without a command) loads all. Throws `usage`.
 */
export async function parse(argv: readonly string[], commands: Commands): Promise<Parsed> {
  const name = argv.find((arg) => !arg.startsWith('-'));
  const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name !== undefined && load === undefined) {
    throw new Failure('usage', `There is no command called ${name}`, { hint: 'See them with: capsule-kiro --help' });
  }
  if (load === undefined) {
    const { overview } = await import('./parse-fully.ts');
    return { text: await overview(commands), exitCode: argv.length === 0 ? 2 : 0 };
  }
  const command = await load();
  const args = plainArgs(argv.slice(1), command);
  if (argv[0] === name && args !== undefined) return { command, args };
  const { parseCommand } = await import('./parse-fully.ts');
  return parseCommand(argv, command);
}

/**
 * The arguments of a command line that is a command and nothing but switches, as the service and the dispatcher write it:
 * yargs would cost the daemon 15 MB and each such start 70 ms. undefined for anything else. Pure.
 */
export function plainArgs(
  rest: readonly string[],
  { options }: Pick<Command, 'options'>,
): Record<string, unknown> | undefined {
  const args: Record<string, unknown> = { json: false };
  for (const [name, option] of Object.entries(options)) args[name] = option.default;
  for (const arg of rest) {
    const name = arg.slice(2);
    const known = name === 'json' || (Object.hasOwn(options, name) && options[name]?.type === 'boolean');
    if (!arg.startsWith('--') || !known) return undefined;
    args[name] = true;
  }
  return args;
}
