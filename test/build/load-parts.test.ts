import vm from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { loadParts } from '../../build/sealed/load-parts.ts';

type CommandLine = ReturnType<typeof loadParts> & Record<string, unknown>;

/** What is loaded of these files, and which of them were read. */
function load(files: Record<string, string | Buffer>) {
  const read: string[] = [];
  const program = loadParts(
    (name) => {
      const file = files[name];
      if (file !== undefined) read.push(name);
      return typeof file === 'string' ? Buffer.from(file, 'latin1') : file;
    },
    import.meta.filename,
  );
  return { program: program as CommandLine, read };
}

/** What V8 makes of a part, as the build keeps it. */
function compiled(text: string): Buffer {
  const parameters = ['exports', 'require', 'module', '__filename'];
  const { cachedData } = vm.compileFunction(text, parameters, { produceCachedData: true });
  if (cachedData === undefined) throw new Error('V8 made nothing');
  return cachedData;
}

describe('the program in parts', () => {
  test('reads a part when it is asked for, and once', () => {
    const { program, read } = load({
      'command-line.cjs': 'exports.ask = () => require("./part.cjs");',
      'part.cjs': 'exports.own = {};',
      'never.cjs': 'throw new Error("asked for");',
    });
    const ask = program.ask as () => { own: object };
    expect(read).toEqual(['command-line.cjs']);
    expect(ask().own).toBe(ask().own);
    expect(read).toEqual(['command-line.cjs', 'part.cjs']);
  });

  test('says which part is missing, and says so again when it is asked again', () => {
    const { program } = load({ 'command-line.cjs': 'exports.ask = () => require("./part.cjs");' });
    const ask = program.ask as () => unknown;
    expect(ask).toThrow('this copy of capsule-kiro lacks part.cjs');
    expect(ask).toThrow('this copy of capsule-kiro lacks part.cjs');
    expect(() => load({})).toThrow('this copy of capsule-kiro lacks command-line.cjs');
  });

  test('that fails while it is loaded fails again when it is asked again', () => {
    const { program } = load({
      'command-line.cjs': 'exports.ask = () => require("./part.cjs");',
      'part.cjs': 'exports.half = 1; throw new Error("oh");',
    });
    const ask = program.ask as () => unknown;
    expect(ask).toThrow('oh');
    expect(ask).toThrow('oh');
  });

  test('that need each other see what the other has said so far, as in Node', () => {
    const { program } = load({
      'command-line.cjs': 'exports.name = "one"; exports.other = require("./other.cjs");',
      'other.cjs': 'const one = require("./command-line.cjs"); exports.seen = one.name;',
    });
    expect(program.other).toEqual({ seen: 'one' });
  });

  test('may be a module that exchanges what it exports', () => {
    const { program } = load({ 'command-line.cjs': 'module.exports = { parse: 1, default: { parse: 1 } };' });
    expect(program).toEqual({ parse: 1, default: { parse: 1 } });
  });

  test('has the modules of Node, and the name of its own file', () => {
    const { program } = load({
      'command-line.cjs': 'exports.sep = require("node:path").sep; exports.at = __filename;',
    });
    expect(program).toEqual({ sep: '/', at: import.meta.filename });
  });

  test('is named in a stack, at its line', () => {
    const { program } = load({ 'command-line.cjs': '\nexports.fail = () => { throw new Error("oh"); };' });
    try {
      (program.fail as () => void)();
      throw new Error('it did not fail');
    } catch (error) {
      expect(String((error as Error).stack)).toMatch(/command-line\.cjs:2:/);
    }
  });

  test.each([
    ['what V8 made of it', 'exports.sum = () => 1 + 1;'],
    ['what V8 made of another text', 'exports.sum = () => "stale" + 11111;'],
  ])('is the same with %s beside it', (_what, text) => {
    const own = 'exports.sum = () => 1 + 1;';
    const { program, read } = load({ 'command-line.cjs': own, 'command-line.cjs.cache': compiled(text) });
    expect((program.sum as () => unknown)()).toBe(2);
    expect(read).toEqual(['command-line.cjs', 'command-line.cjs.cache']);
  });

  test('is the same with rubbish beside it', () => {
    const files = { 'command-line.cjs': 'exports.sum = 2;', 'command-line.cjs.cache': Buffer.from('rubbish') };
    expect(load(files).program.sum).toBe(2);
  });
});
