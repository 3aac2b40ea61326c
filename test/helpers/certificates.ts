/** Certificates made for a test by openssl, and servers that show them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import { tempFolder } from './temp-home.ts';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificate {
  key: string;
  cert: string;
  /** Where the certificate is, for the setting `portal.caFile`. */
  file: string;
}

/** Signed by itself, for two days from now on, or for a time given as `20990101000000Z`. */
export function certificate({ name = 'localhost', from = '', to = '' } = {}): Certificate {
  const folder = tempFolder();
  const at = (file: string) => path.join(folder, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  writeFileSync(at('names'), `subjectAltName=DNS:${name}\nbasicConstraints=critical,CA:TRUE\n`);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', ...curve, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', `/CN=${name}`);
  if (from === '') {
    const life = ['-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', 'request.pem', '-signkey', 'key.pem', '-out', 'cert.pem', ...life);
  } else {
    // Only `ca` takes a beginning.
    const config =
      '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n';
    writeFileSync(at('config'), config);
    writeFileSync(at('index'), '');
    writeFileSync(at('serial'), '01\n');
    const life = ['-startdate', from, '-enddate', to, '-extfile', 'names'];
    const made = ['-selfsign', '-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'cert.pem', '-notext', '-batch'];
    openssl('ca', '-config', 'config', ...made, ...life);
  }
  return { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8'), file: at('cert.pem') };
}

const servers: https.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Answers `{}` to everything; remembers the bearers it was shown. */
export async function secureServer(given: Certificate): Promise<{ port: number; asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server = https.createServer(given, (request, response) => {
    asked.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { port: (server.address() as AddressInfo).port, asked };
}
