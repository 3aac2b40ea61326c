/** The program's first file: hands the arguments to `src/cli`, sets the exit code. */
import { main } from '../src/cli/main.ts';

// Not awaited at the top level, which the sealed program's kind of module does not have; `main` never throws.
main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
