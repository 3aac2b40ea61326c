import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { describe, Failure } from '../core/failure.ts';
import type { Log } from '../core/log.ts';

/** Where the portal's certificate (with its chain) and private key are, both PEM. */
export interface CertificateFiles {
  cert: string;
  key: string;
}
export interface Certificate {
  cert: Buffer;
  key: Buffer;
}

/** How often the files are looked at for a renewed certificate. */
const LOOK_MS = 60_000;

/** Both files, after a try whether they belong together. Throws `tls-unusable`. */
export function readCertificate(files: CertificateFiles): Certificate {
  try {
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new Failure('tls-unusable', `${files.cert} and ${files.key} cannot be used: ${describe(error)}`, {
      hint: 'Give the PEM file of the certificate with its chain, and the PEM file of its key, without a passphrase.',
      cause: error,
    });
  }
}

/**
 * Calls `renewed` with what a renewal put in the files' place, without a restart. A pair that does not fit (yet: the two files are
 * not written at once) is left alone, and logged. Returns how to stop looking.
 */
export function followCertificate(
  files: CertificateFiles,
  log: Log,
  renewed: (pair: Certificate) => void,
  lookMs = LOOK_MS,
): () => void {
  let known = stamp(files);
  const timer = setInterval(() => {
    const now = stamp(files);
    if (now === undefined || now === known) return;
    try {
      renewed(readCertificate(files));
      log.info('the certificate was renewed');
    } catch (error) {
      log.warn('the renewed certificate is not used', { reason: describe(error) });
    }
    known = now;
  }, lookMs).unref();
  return () => clearInterval(timer);
}

function stamp({ cert, key }: CertificateFiles): string | undefined {
  try {
    return [cert, key].map((file) => statSync(file).mtimeMs).join(' ');
  } catch {
    // One of them is being replaced at this moment: the next look finds it.
    return undefined;
  }
}
