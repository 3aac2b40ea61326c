/**
 * Stands in for `src/cli/command-line.ts` in the sealed program's first part. That part is small, because what Kiro and scripts
 * wait for (`hook`, `--version`) needs nothing else; the rest lies in the executable as texts, and each is read when it is needed.
 */
import { getAssetKeys, getRawAsset } from 'node:sea';
import { loadParts } from './load-parts.ts';

type CommandLine = typeof import('../../src/cli/command-line.ts');

/** As there. */
export const runCommandLine: CommandLine['runCommandLine'] = (argv) => {
  const names = new Set(getAssetKeys());
  // The texts, and what V8 made of each when it was built, where that was the same Node on the same processor.
  const read = (name: string) => {
    const asset = `program/${name}`;
    return names.has(asset) ? Buffer.from(getRawAsset(asset)) : undefined;
  };
  return loadParts(read, process.execPath).runCommandLine(argv);
};
