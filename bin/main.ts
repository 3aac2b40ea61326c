/** The program's first file: hands the arguments to `src/cli`, sets the exit code. */
import { main } from '../src/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
