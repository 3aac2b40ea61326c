/** A daemon that says other things of itself than are so: for what no machine can be brought to within a test. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import type { DaemonState } from '../../src/cli/daemon-state.ts';
import { readEndpoint } from '../../src/relay/local-client.ts';
import type { Machine } from './machine.ts';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Takes the place of the machine's daemon: asks it everything, and changes what it answers of its state. Its restart ends that. */
export async function lieOf(machine: Machine, change: (state: DaemonState) => DaemonState): Promise<void> {
  const real = readEndpoint(machine.own);
  if (real === undefined) throw new Error('a daemon runs');
  const folder = path.join(machine.folder, `lying-${servers.length}`);
  mkdirSync(folder, { mode: 0o700 });
  const socket = path.join(folder, 'd.sock');
  const server = http.createServer((request, response) => {
    const { method, url } = request;
    const onward = http.request({ socketPath: real.socket, method, path: url }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' });
      response.end(url === '/v1/status' ? JSON.stringify(change(JSON.parse(text) as DaemonState)) : text);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  chmodSync(socket, 0o600);
  servers.push(server);
  writeFileSync(machine.own.endpoint, JSON.stringify({ ...real, socket }));
}
