import yargs, { type Argv } from 'yargs';
import { describe, Failure } from '../core/failure.ts';
import type { Command } from './command.ts';
import type { Commands, Parsed } from './parse.ts';

/** Parses the arguments of one command, or gives its help. Throws `usage`. */
export async function parseCommand(argv: readonly string[], command: Command): Promise<Parsed> {
  let chosen: Record<string, unknown> | undefined;
  let text = '';
  const parser = describeCommand(program(), command, (args) => {
    chosen = args;
  }).fail((message, error) => {
    // Nothing but parsing happens here, so whatever is wrong is wrong with the command line.
    throw new Failure('usage', message ?? describe(error), {
      hint: `See: capsule-kiro ${command.usage.split(' ')[0]} --help`,
    });
  });
  await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    text = output;
  });
  return chosen === undefined ? { text, exitCode: 0 } : { command, args: chosen };
}

/** The help that lists every command. */
export async function overview(commands: Commands): Promise<string> {
  let parser = program();
  for (const load of Object.values(commands)) parser = describeCommand(parser, await load(), () => {});
  return parser.getHelp();
}

function program(): Argv {
  return yargs()
    .scriptName('capsule-kiro')
    .usage('$0 <command> [options]\n\nShows your security team what the Kiro agent does on this machine.')
    .strict()
    .demandCommand(1, '')
    .option('json', { type: 'boolean', describe: 'Answer as one JSON object' })
    .version(false)
    .wrap(Math.min(100, process.stdout.columns ?? 100));
}

function describeCommand(parser: Argv, command: Command, chosen: (args: Record<string, unknown>) => void): Argv {
  return parser.command(
    command.usage,
    command.summary,
    (sub) => {
      let built: Argv = sub.options(command.options);
      // Without this `--portal` alone would be an empty text.
      for (const [name, { type }] of Object.entries(command.options))
        if (type !== 'boolean') built = built.requiresArg(name);
      for (const [name, about] of Object.entries(command.positionals ?? {})) built = built.positional(name, about);
      for (const [line, about] of command.examples) built = built.example(`$0 ${line}`, about);
      return built;
    },
    (args) => chosen(args),
  );
}
