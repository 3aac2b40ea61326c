import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { loadPage, pageFile, servePageFile } from '../../src/portal/page-files.ts';

const files: Record<string, string> = {
  'dist/page/files.json': '["index.html","page-ABCD1234.js","icons-0011AABB.svg"]',
  'dist/page/index.html': '<!doctype html>',
  'dist/page/page-ABCD1234.js': 'let a;',
  'dist/page/icons-0011AABB.svg': '<svg/>',
};
const page = loadPage((name) => Buffer.from(files[name] ?? ''));

test('only the files on the list are served, each under its address', () => {
  expect([...page.keys()]).toEqual(['/', '/assets/page-ABCD1234.js', '/assets/icons-0011AABB.svg']);
});

test('a file whose name changes with its content is kept for ever, the page itself is asked for again', () => {
  expect(page.get('/')?.lasting).toBe(false);
  expect(page.get('/assets/page-ABCD1234.js')).toMatchObject({ lasting: true, type: 'text/javascript; charset=utf-8' });
});

test('what the browser has is not sent again, and what it can unpack is sent packed', () => {
  const file = pageFile('style.css', Buffer.from('p{}'));
  expect(servePageFile(file, file.etag, 'gzip')).toMatchObject({ status: 304 });
  expect(servePageFile(file, undefined, undefined)).toMatchObject({ status: 200, bytes: Buffer.from('p{}') });
  const packed = servePageFile(file, '"older"', 'br, gzip');
  expect(packed).toMatchObject({ headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' } });
  expect('bytes' in packed && gunzipSync(packed.bytes).toString()).toBe('p{}');
});
