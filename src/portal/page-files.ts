import { createHash } from 'node:crypto';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { readAsset } from '../core/assets.ts';
import type { Answer } from './answer.ts';

export interface PageFile {
  bytes: Buffer;
  packed: Buffer;
  type: string;
  etag: string;
  /** Its name changes with its content, so it may be kept for ever. */
  lasting: boolean;
}
/** By the address under which each is served. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** The address of the page itself, served for every address that the page's own router knows. */
export const SHELL = '/';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The built page, as `build/page.js` listed it. Throws `asset-missing`. */
export function loadPage(read: (name: string) => Buffer = readAsset): PageFiles {
  const names = z.array(z.string()).parse(JSON.parse(read('dist/page/files.json').toString('utf8')));
  return new Map(
    names.map((name) => [name === 'index.html' ? SHELL : `/assets/${name}`, pageFile(name, read(`dist/page/${name}`))]),
  );
}

/** A file of the page, ready to be served: packed, typed by its ending, tagged by its content. */
export function pageFile(name: string, bytes: Buffer): PageFile {
  return {
    bytes,
    packed: gzipSync(bytes),
    type: TYPES[path.extname(name)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    lasting: /-[A-Z0-9]{8}\./.test(name),
  };
}

/** Answers with the file: not again what the browser has, packed where it can unpack. */
export function servePageFile(file: PageFile, have: string | undefined, accepts: string | undefined): Answer {
  const headers = {
    'content-type': file.type,
    'cache-control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (have === file.etag) return { status: 304, bytes: Buffer.alloc(0), headers };
  if (!/\bgzip\b/.test(accepts ?? '')) return { status: 200, bytes: file.bytes, headers };
  return { status: 200, bytes: file.packed, headers: { ...headers, 'content-encoding': 'gzip' } };
}
