// Keeps what V8 makes of the program. Run by the very Node that is sealed, twice:
//   node --hash-seed=1 compile.cjs <program> <cache>     the same program gives the same cache: else each has other hashes in it
//   node compile.cjs <program> <cache> adopt             makes the cache one of a Node without that switch
// V8 refuses a cache of a process with other switches, and asks for a number that stands for them. This switch changes no code
// (the hashes are made anew at each start), so the number may be exchanged; that the cache is then taken is tried at once.
const { readFileSync, writeFileSync } = require('node:fs');
const vm = require('node:vm');

/** Where V8 keeps the number that stands for its switches. */
const SWITCHES = 12;
const [file, cache, adopt] = process.argv.slice(2);
const program = readFileSync(file, 'latin1');
const parameters = ['exports', 'require', 'module', '__filename'];
const compile = (text, options) => vm.compileFunction(text, parameters, { filename: 'capsule-kiro.js', ...options });

if (adopt === undefined) {
  writeFileSync(cache, compile(program, { produceCachedData: true }).cachedData);
} else {
  const data = readFileSync(cache);
  compile('', { produceCachedData: true }).cachedData.copy(data, SWITCHES, SWITCHES, SWITCHES + 4);
  if (compile(program, { cachedData: data }).cachedDataRejected)
    throw new Error('V8 does not take the compiled program');
  writeFileSync(cache, data);
}
