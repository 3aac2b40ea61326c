import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describe as say } from '../../../src/core/failure.ts';
import { parseHeaders, readHeadersFile } from '../../../src/relay/otlp/headers-file.ts';
import { anyText } from '../../helpers/any-text.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const SECRET = 'hush-hush-key';
const fileWith = (content: string, mode = 0o600): string => {
  const file = path.join(tempFolder(), 'headers');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
};

describe('a file of headers', () => {
  test('is lines of names and values, by colon or equals sign; others say nothing', () => {
    const file = fileWith(`# ours\r\nAuthorization: Bearer ${SECRET}==\n\nx-tenant = acme: 1 \n`);
    expect({ ...readHeadersFile(file, 'linux') }).toEqual({
      authorization: `Bearer ${SECRET}==`,
      'x-tenant': 'acme: 1',
    });
  });

  test.each([0o640, 0o604, 0o644, 0o660])('that others may read is not read: %o', (mode) => {
    expect(() => readHeadersFile(fileWith(`a: ${SECRET}`, mode), 'linux')).toThrow(/is open to others/);
  });

  test('that is not there is told by its name', () => {
    expect(() => readHeadersFile('/nowhere/headers', 'linux')).toThrow('/nowhere/headers is not there');
  });

  test.each([
    SECRET,
    `: ${SECRET}`,
    `a b: ${SECRET}`,
    `Content-Type: ${SECRET}`,
    `host: ${SECRET}`,
    `a: ${SECRET}\u0007`,
    'a:',
  ])('with a line that is no header of ours to send is refused without a word of it: %j', (line) => {
    expect(() => parseHeaders(`ok: 1\n${line}`, '/f')).toThrow(/line 2/);
    try {
      parseHeaders(line, '/f');
    } catch (error) {
      expect(say(error)).not.toContain(SECRET);
    }
  });

  test('of whatever content gives headers that can be sent, or is refused', () => {
    fc.assert(
      fc.property(anyText(), (content) => {
        let headers = {};
        try {
          headers = { ...parseHeaders(content, '/f') };
        } catch (error) {
          expect(error).toMatchObject({ code: 'config-invalid' });
        }
        expect(() => new Headers(headers)).not.toThrow();
      }),
    );
  });
});
