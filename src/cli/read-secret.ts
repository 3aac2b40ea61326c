import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';

const MAX_BYTES = 64 * 1024;

export interface SecretSources {
  stdin: boolean;
  file: string | undefined;
}

/**
 * The enrolment code or token from standard input, a file, or `CAPSULE_ENROLMENT_CODE`: never from the command line, which
 * every process of the machine can read. undefined when none was given. Throws `usage`, `not-found`.
 */
export async function readSecret(host: Host, { stdin, file }: SecretSources): Promise<string | undefined> {
  const text = stdin ? await readStdin() : file === undefined ? host.env.CAPSULE_ENROLMENT_CODE : fromFile(file);
  const secret = text?.trim();
  if (secret === '' && (stdin || file !== undefined))
    throw new Failure('usage', 'The code or token that was given is empty');
  if (secret !== undefined && /\s/.test(secret)) {
    throw new Failure('usage', 'A code or token is one word; what was given holds spaces or line breaks');
  }
  return secret === '' ? undefined : secret;
}

function fromFile(file: string): string {
  const bytes = readIfExists(file);
  if (bytes === undefined) throw new Failure('not-found', `There is no file ${file}`);
  return bytes.toString('utf8');
}

async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Failure('usage', 'That is too long to be a code or token');
  }
  return text;
}
