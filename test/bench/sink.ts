/** Run by stage.ts as a process of its own: takes events over HTTP, ours and rsyslog's, and tells its parent how many came. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

let events = 0;
const server = http.createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const isOurs = request.url === '/v1/events';
  const came = isOurs ? count(text, '"schemaVersion":1,') : request.url?.includes('_bulk') ? count(text, '\n') / 2 : 0;
  const answer = isOurs ? { accepted: came, duplicates: 0, rejected: [] } : { errors: false, items: [] };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  if (came === 0) return;
  events += came;
  process.send?.({ events });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());

function count(text: Buffer, word: string): number {
  let found = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found += 1;
  return found;
}
