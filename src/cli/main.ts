/** The first to see the arguments: answers at once what must be quick, and leaves the rest to `command-line.ts`. */
import { ownVersion } from '../core/assets.ts';
import type { ExitCode } from './command.ts';

/**
 * Runs the command line and returns the exit code. Never throws. Nothing but this is loaded for `--version`, and little for
 * `hook`: scripts ask the one often, and Kiro waits for the other.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === 'version')) {
    process.stdout.write(`${ownVersion()}\n`);
    return 0;
  }
  if (argv[0] === 'hook' && !argv.includes('--help')) {
    // The agent reads what it prints: nothing is checked or said that need not be.
    const { ringNow } = await import('./ring-once.ts');
    ringNow(argv[1] === 'stdin' || argv[1] === 'start' ? argv[1] : 'env');
    return 0;
  }
  if (argv[0] === 'run') {
    // Before the program itself is loaded, which is when the first functions would be compiled again.
    const { runSparingly } = await import('./run-sparingly.ts');
    runSparingly();
  }
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(argv);
}
