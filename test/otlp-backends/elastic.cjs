/** Starts Elastic's receiver on a free port of this machine; it prints its address, then each request as it understood it, a line each. */
const { createRequire } = require('node:module');
const path = require('node:path');

const from = createRequire(path.join(process.argv[2], 'package.json'));
const { MockOtlpServer } = from('@elastic/mockotlpserver');
const { JSONPrinter } = from('@elastic/mockotlpserver/lib/printers');

const say = (...said) => process.stderr.write(`${said.map(String).join(' ')}\n`);
const quiet = { trace() {}, debug() {}, info() {}, warn: say, error: say };
const server = new MockOtlpServer({ log: quiet, services: ['http'], httpHostname: '127.0.0.1', httpPort: 0 });
new JSONPrinter(quiet, 0).subscribe();
server.start().then(() => process.stdout.write(`${server.httpUrl.href}\n`));
