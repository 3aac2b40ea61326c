/** What a hook could have been instead: each sends its ring to the socket, waits for the answer, and writes a file where none comes. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from './compile.ts';

export interface Alternative {
  name: string;
  /** As `hook-timer.c` takes them, for a daemon's socket and a file to fall back to. */
  line(socket: string, file: string): string[];
}

const NODE_CLIENT = `
import fs from 'node:fs'; import http from 'node:http';
const [socketPath, file] = process.argv.slice(2);
const body = fs.readFileSync(0);
const keep = () => { fs.writeFileSync(file, body, { mode: 0o600 }); process.exit(); };
http.request({ socketPath, method: 'POST', path: '/v1/ring', timeout: 1000, agent: false }, (answer) => answer.resume())
  .on('timeout', keep).on('error', keep).end(body);
`;
/** $1: the socket, $2: the file. Data is on disk before anybody is asked, as both tools may swallow it. */
const CURL_CLIENT = `cat >"$2.tmp"
curl -sf -m 1 --unix-socket "$1" --data-binary "@$2.tmp" http://x/v1/ring >/dev/null 2>&1 || mv "$2.tmp" "$2"
`;
const NC_CLIENT = `cat >"$2.tmp"
{ printf 'POST /v1/ring HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: %s\\r\\n\\r\\n' "$(wc -c <"$2.tmp")"; cat "$2.tmp"; } |
  nc -N -w 1 -U "$1" 2>/dev/null | grep -q ' 200 ' || mv "$2.tmp" "$2"
`;

/** Those whose programs are on this machine; they are made in `folder`. */
export function alternatives(folder: string): Alternative[] {
  const inFolder = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const has = (tool: string, ...args: string[]) => spawnSync(tool, args).error === undefined;
  const client = compile('hook-client', folder);
  const node = inFolder('client.mjs', NODE_CLIENT);
  const curl = inFolder('curl.sh', CURL_CLIENT);
  const nc = inFolder('nc.sh', NC_CLIENT);
  return [
    { name: 'a client in C', line: (socket, file) => ['fed', client, socket, file] },
    { name: 'a plain client in Node', line: (socket, file) => ['fed', process.execPath, node, socket, file] },
    ...(has('curl', '--version')
      ? [{ name: 'sh and curl', line: (socket: string, file: string) => ['fed', 'sh', curl, socket, file] }]
      : []),
    ...(has('nc', '-h')
      ? [{ name: 'sh and nc', line: (socket: string, file: string) => ['fed', 'sh', nc, socket, file] }]
      : []),
  ];
}
