/**
 * Stands in for `src/cli/command-line.ts` in the sealed program's first part. That part is small, because what Kiro and scripts
 * wait for (`hook`, `--version`) needs nothing else; the rest lies in the executable as a text, and is read when it is needed.
 */
import { createRequire } from 'node:module';
import { getAssetKeys, getRawAsset } from 'node:sea';
import vm from 'node:vm';

type CommandLine = typeof import('../../src/cli/command-line.ts');

/** The text of the rest, and what V8 made of it when it was built, where that was the same Node on the same processor. */
const TEXT = 'capsule-kiro.js';
const COMPILED = 'capsule-kiro.js.cache';

/** As there. */
export const runCommandLine: CommandLine['runCommandLine'] = (argv) => load().runCommandLine(argv);

function load(): CommandLine {
  const parameters = ['exports', 'require', 'module', '__filename'];
  const cache = getAssetKeys().includes(COMPILED) ? { cachedData: bytes(COMPILED) } : {};
  // Should V8 refuse the cache, it compiles the text: slower, and nothing else.
  const run = vm.compileFunction(bytes(TEXT).toString('latin1'), parameters, { filename: TEXT, ...cache });
  const module = { exports: {} };
  run(module.exports, createRequire(process.execPath), module, process.execPath);
  return module.exports as CommandLine;
}

const bytes = (name: string): Buffer => Buffer.from(getRawAsset(name));
