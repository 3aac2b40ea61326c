/** Stands in for `src/cli/command-line.ts` where the program's parts lie beside its first file: for looking at what sealing adds. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadParts } from './load-parts.ts';

type CommandLine = typeof import('../../src/cli/command-line.ts');

/** As there. */
export const runCommandLine: CommandLine['runCommandLine'] = (argv) => {
  const read = (name: string) => {
    const file = path.join(path.dirname(__filename), 'program', name);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  return loadParts(read, __filename).runCommandLine(argv);
};
