import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clientKind } from '../../src/portal/client-kind.ts';

test('a browser is named with its system, whatever else it wants to be taken for', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  expect(clientKind(chrome)).toBe('Chrome, Linux');
  expect(clientKind(`${chrome} Edg/140.0`)).toBe('Edge, Linux');
  expect(clientKind('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0')).toBe(
    'Firefox, macOS',
  );
});

test('a tool is named, and what is unknown is not repeated', () => {
  expect(clientKind('curl/8.1')).toBe('curl');
  expect(clientKind('node')).toBe('Node');
  expect(clientKind('<script>')).toBe('other');
  expect(clientKind(undefined)).toBe('unnamed');
});

test('whatever a client calls itself, few words come of it', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(clientKind(text)).toMatch(/^[A-Za-z, ]{2,20}$/)));
});
