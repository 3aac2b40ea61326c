import { statSync } from 'node:fs';
import { readIfExists } from '../../core/careful-file.ts';
import { Failure } from '../../core/failure.ts';
import type { Platform } from '../../core/host.ts';

export type Headers = Readonly<Record<string, string>>;

/** What is ours to say. */
const OURS = new Set(['host', 'connection', 'content-length', 'content-type', 'content-encoding', 'transfer-encoding']);
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*[:=]\s*(\S.*)$/;

/**
 * The headers in a file of `name: value` lines, which only its owner may read: they are keys. Throws `config-invalid`, which
 * never quotes the file.
 */
export function readHeadersFile(file: string, platform: Platform): Headers {
  const bytes = readIfExists(file);
  if (bytes === undefined) throw broken(file, 'is not there');
  if (platform !== 'win32') {
    const { mode, uid } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw broken(file, `is open to others (mode ${(mode & 0o777).toString(8)}): chmod 600 it`);
    if (uid !== process.getuid?.()) throw broken(file, 'belongs to another user');
  }
  return parseHeaders(bytes.toString('utf8'), file);
}

/** Empty lines and those that begin with `#` say nothing. Names in lower case. Throws `config-invalid`. Pure. */
export function parseHeaders(content: string, file: string): Headers {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name, value] = LINE.exec(trimmed) ?? [];
    // Node refuses anything else, and would quote it.
    if (name === undefined || value === undefined || !/^[\t\x20-\x7e]+$/.test(value)) {
      throw broken(file, `says no header in line ${index + 1}: it must be NAME: VALUE`);
    }
    if (OURS.has(name.toLowerCase())) throw broken(file, `names a header in line ${index + 1} that is not to be set`);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function broken(file: string, what: string): Failure {
  return new Failure('config-invalid', `the headers file ${file} ${what}`, {
    hint: 'Correct it, or name another: capsule-kiro config set otlp.headersFile FILE',
  });
}
