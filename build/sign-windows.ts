/** Signs a Windows executable with a real certificate, where there is one. */
import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Signs in place with osslsigncode, when `WINDOWS_CERTIFICATE` and `WINDOWS_KEY` name PEM files; `WINDOWS_TIMESTAMP_URL` adds a
 * time stamp, without which the signature ends with the certificate. A key's password is read by osslsigncode from the file that
 * `WINDOWS_KEY_PASSWORD_FILE` names: it is never an argument. Without a certificate the file stays unsigned.
 */
export async function signForWindows(file: string, env: Readonly<NodeJS.ProcessEnv>): Promise<void> {
  const args = signingArguments(env, file);
  if (args === undefined) return;
  await promisify(execFile)('osslsigncode', args);
  await rename(`${file}.signed`, file);
}

/** The arguments of osslsigncode; undefined when there is no certificate. Throws when only half of it is named. Pure. */
export function signingArguments(env: Readonly<NodeJS.ProcessEnv>, file: string): string[] | undefined {
  const { WINDOWS_CERTIFICATE, WINDOWS_KEY, WINDOWS_KEY_PASSWORD_FILE, WINDOWS_TIMESTAMP_URL } = env;
  if (!WINDOWS_CERTIFICATE && !WINDOWS_KEY) return undefined;
  if (!WINDOWS_CERTIFICATE || !WINDOWS_KEY) throw new Error('WINDOWS_CERTIFICATE and WINDOWS_KEY belong together');
  return [
    'sign',
    ...['-certs', WINDOWS_CERTIFICATE, '-key', WINDOWS_KEY],
    ...(WINDOWS_KEY_PASSWORD_FILE ? ['-readpass', WINDOWS_KEY_PASSWORD_FILE] : []),
    ...['-h', 'sha256', '-n', 'Capsule for Kiro'],
    ...(WINDOWS_TIMESTAMP_URL ? ['-ts', WINDOWS_TIMESTAMP_URL] : []),
    ...['-in', file, '-out', `${file}.signed`],
  ];
}
