import { createRequire } from 'node:module';
import vm from 'node:vm';

type CommandLine = typeof import('../../src/cli/command-line.ts');

/** A file of the rest, by its name; undefined when there is none. */
export type ReadPart = (name: string) => Buffer | undefined;

const ENTRY = './command-line.cjs';
const PARAMETERS = ['exports', 'require', 'module', '__filename'];

/**
 * The rest of the program, each part read when it is needed. Not by Node's own loader: an executable's assets are no files, and
 * resolving their names was measured to make V8 load its optimising compiler, 5 MB, in every process.
 */
export function loadParts(read: ReadPart, ownFile: string): CommandLine {
  const loaded = new Map<string, { exports: unknown }>();
  const fromNode = createRequire(ownFile);
  const load = (name: string): unknown => {
    if (!name.startsWith('./')) return fromNode(name);
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    const run = compile(name.slice('./'.length));
    // Before it runs: parts may need each other.
    loaded.set(name, module);
    try {
      run(module.exports, load, module, ownFile);
    } catch (error) {
      // Half of it must not pass for the whole when it is asked for again.
      loaded.delete(name);
      throw error;
    }
    return module.exports;
  };
  const compile = (file: string) => {
    const text = read(file);
    if (text === undefined) throw new Error(`this copy of capsule-kiro lacks ${file}`);
    const cachedData = read(`${file}.cache`);
    // Should V8 refuse the cache, it compiles the text: slower, and nothing else.
    const options = { filename: file, ...(cachedData !== undefined && { cachedData }) };
    return vm.compileFunction(text.toString('latin1'), PARAMETERS, options);
  };
  return load(ENTRY) as CommandLine;
}
