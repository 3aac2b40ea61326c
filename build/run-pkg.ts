/** `node run-pkg.ts <program> <options as JSON>`: pkg's sealing, whose command line does not pass these options on. */
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';

const [entry = '', options = ''] = process.argv.slice(2);
await pkg.default(entry, JSON.parse(options));
