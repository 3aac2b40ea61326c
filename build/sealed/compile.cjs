// Keeps what V8 makes of the program's files, each under the same name in another folder. Run by the very Node that is sealed, twice:
//   node --hash-seed=1 compile.cjs <folder> <caches>     the same program gives the same cache: else each has other hashes in it
//   node compile.cjs <folder> <caches> adopt             makes the cache one of a Node without that switch
// V8 refuses a cache of a process with other switches, and asks for a number that stands for them. This switch changes no code
// (the hashes are made anew at each start), so the number may be exchanged; that the cache is then taken is tried at once.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/** Where V8 keeps the number that stands for its switches. */
const SWITCHES = 12;
const [folder, caches, adopt] = process.argv.slice(2);
const parameters = ['exports', 'require', 'module', '__filename'];
const compile = (text, options) => vm.compileFunction(text, parameters, options);
const number = compile('', { produceCachedData: true }).cachedData.subarray(SWITCHES, SWITCHES + 4);

for (const file of readdirSync(folder)) {
  const program = readFileSync(path.join(folder, file), 'latin1');
  const cache = path.join(caches, file);
  if (adopt === undefined) {
    writeFileSync(cache, compile(program, { produceCachedData: true }).cachedData);
    continue;
  }
  const data = readFileSync(cache);
  number.copy(data, SWITCHES);
  if (compile(program, { cachedData: data }).cachedDataRejected)
    throw new Error(`V8 does not take what was compiled of ${file}`);
  writeFileSync(cache, data);
}
