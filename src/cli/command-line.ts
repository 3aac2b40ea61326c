/** Reads the arguments, runs one command, says the result. The only file that prints, but for the version in `main.ts`. */
import { styleText } from 'node:util';
import type { Json } from '../core/event.ts';
import { describe, Failure, systemCode } from '../core/failure.ts';
import { type Host, realHost } from '../core/host.ts';
import { silentLog } from '../core/log.ts';
import type { Answer, Command, ExitCode, Progress } from './command.ts';
import { COMMANDS } from './commands.ts';
import { parse } from './parse.ts';
import { openScreen } from './screen.ts';
import { wrap } from './wrap.ts';

/** What `--json` answers carry, so that a script can tell when their shape changed. */
const JSON_VERSION = 1;

/** Runs the command line and returns the exit code. Never throws. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  const json = argv.includes('--json');
  try {
    const parsed = await parse(argv, COMMANDS);
    if ('text' in parsed) {
      print(parsed.text);
      return parsed.exitCode;
    }
    return say(await runCommand(parsed.command, realHost(silentLog), parsed.args, json), json);
  } catch (error) {
    return fail(error, json);
  }
}

async function runCommand(command: Command, host: Host, args: Record<string, unknown>, json: boolean): Promise<Answer> {
  const progress = terminalProgress(json);
  try {
    return await command.run(host, args, progress);
  } finally {
    progress.clear();
  }
}

let reader = false;
/** Whoever reads us (`head`) may have enough: there is nobody left to tell, and nothing went wrong. */
function endWithReader(): void {
  if (!reader) process.stdout.on('error', (error) => process.exit(systemCode(error) === 'EPIPE' ? 0 : 1));
  reader = true;
}

function say(answer: Answer, json: boolean): ExitCode {
  endWithReader();
  if (json) {
    if (answer.json !== null) print(JSON.stringify({ schemaVersion: JSON_VERSION, ...answer.json }));
  } else if (answer.output !== '') print(answer.output);
  return answer.exitCode;
}

function fail(error: unknown, json: boolean): ExitCode {
  const expected = error instanceof Failure;
  if (json) {
    const { code, hint } = expected ? error : { code: 'bug', hint: undefined };
    const failure: Record<string, Json> = { code, message: describe(error), hint: hint ?? null };
    print(JSON.stringify({ schemaVersion: JSON_VERSION, error: failure }));
  } else if (expected) {
    complain(`${paint('red', 'Error')} ${error.message}`);
    if (error.hint !== undefined) complain(`      ${error.hint}`);
  } else {
    complain(
      `${paint('red', 'This is a bug in capsule-kiro:')} ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  return expected && error.code === 'usage' ? 2 : 1;
}

function terminalProgress(json: boolean): Progress & { clear(): void } {
  const terminal = !json && process.stdout.isTTY === true;
  let shown = false;
  const clear = () => {
    if (shown) process.stdout.write('\r\u001b[K');
    shown = false;
  };
  return {
    terminal,
    clear,
    say(line) {
      clear();
      if (!json) print(line);
    },
    show(line) {
      if (!terminal) return;
      clear();
      process.stdout.write(line.slice(0, (process.stdout.columns ?? 80) - 1));
      shown = true;
    },
    tell(line) {
      clear();
      endWithReader();
      process.stdout.write(`${line}\n`);
    },
    async confirm(question) {
      clear();
      if (!terminal || process.stdin.isTTY !== true) return false;
      const { createInterface } = await import('node:readline/promises');
      const asking = createInterface({ input: process.stdin, output: process.stdout });
      // Ctrl+C and Ctrl+D are no answer.
      const said = await Promise.race([
        asking.question(`${question} [y/N] `),
        new Promise<string>((resolve) => asking.once('close', () => resolve(''))),
      ]);
      asking.close();
      return /^y(es)?$/i.test(said.trim());
    },
    screen: () => openScreen(process.stdin, process.stdout),
    width: terminal ? (process.stdout.columns ?? 80) : null,
    get stopped() {
      return new Promise<void>((resolve) => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
    },
  };
}

function paint(style: 'red', text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Long lines are broken between words where a person reads them; a pipe gets them whole. */
function print(text: string): void {
  const width = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  process.stdout.write(`${width === undefined ? text : wrap(text, width)}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
