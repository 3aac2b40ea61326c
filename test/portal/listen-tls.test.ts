import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from '@jest/globals';
import { silentLog } from '../../src/core/log.ts';
import { followCertificate, readCertificate } from '../../src/portal/certificate.ts';
import { listen } from '../../src/portal/listen.ts';
import type { Portal } from '../../src/portal/portal.ts';
import { certificate, hasOpenssl } from '../helpers/certificates.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const withOpenssl = hasOpenssl ? test : test.skip;

function filesOf({ cert, key }: { cert: string; key: string }) {
  const folder = tempFolder();
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}
const says: Portal = { handle: async (_, response) => void response.end('hello'), endStreams() {} };

function get(port: number, ca: string): Promise<{ text: string; serial: string }> {
  return new Promise((resolve, reject) => {
    const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', ca, agent: false }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ text, serial: serialNumber }));
    });
    request.on('error', reject);
  });
}

withOpenssl('the portal speaks TLS with the certificate it was given (skipped without openssl)', async () => {
  const made = certificate();
  const listening = await listen(says, '127.0.0.1', 0, { tls: filesOf(made) });
  expect(listening.address).toMatch(/^https:/);
  expect((await get(listening.port, made.cert)).text).toBe('hello');
  await listening.stop();
});

withOpenssl('a renewed certificate is taken, and half a renewal is not (skipped without openssl)', async () => {
  const files = filesOf(certificate());
  const renewed = certificate();
  const taken: string[] = [];
  const next = () => new Promise<string>((resolve) => waiting.push(resolve));
  const waiting: ((cert: string) => void)[] = [];
  const stop = followCertificate(
    files,
    { ...silentLog, warn: () => waiting.shift()?.('left alone') },
    ({ cert }) => {
      taken.push(cert.toString());
      waiting.shift()?.(cert.toString());
    },
    5,
  );
  const put = (file: string, text: string, seconds: number) => {
    writeFileSync(`${file}.new`, text);
    utimesSync(`${file}.new`, seconds, seconds);
    renameSync(`${file}.new`, file);
  };
  const half = next();
  put(files.cert, renewed.cert, 1_000);
  expect(await half).toBe('left alone');
  const whole = next();
  put(files.key, renewed.key, 2_000);
  expect(await whole).toBe(renewed.cert);
  stop();
  expect(taken).toEqual([renewed.cert]);
});

withOpenssl(
  'files that are no certificate and key, or do not belong together, are refused by name (skipped without openssl)',
  () => {
    const [one, other] = [certificate(), certificate()];
    for (const files of [filesOf({ cert: one.cert, key: other.key }), filesOf({ cert: 'no', key: 'no' })]) {
      expect(() => readCertificate(files)).toThrow(expect.objectContaining({ code: 'tls-unusable' }));
    }
    expect(() => readCertificate({ cert: '/none', key: '/none' })).toThrow('/none and /none cannot be used');
  },
);
