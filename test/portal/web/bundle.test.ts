import { expect, test } from '@jest/globals';
import { loadPage, SHELL } from '../../../src/portal/page-files.ts';

const KB = 1_000;
const files = loadPage();
const sizeOf = (address: string) => files.get(address)?.packed.length ?? 0;

/** What a file's first line of script loads before anything is shown, and what that loads. */
function loadedWith(address: string, known = new Set<string>()): Set<string> {
  if (known.has(address)) return known;
  known.add(address);
  const text = files.get(address)?.bytes.toString() ?? '';
  const named = address === SHELL ? /(?:src|href)="(\/assets\/[^"]+)"/g : /(?:from|import)"\.\/([^"]+)"/g;
  for (const [, name = ''] of text.matchAll(named)) loadedWith(name.startsWith('/') ? name : `/assets/${name}`, known);
  return known;
}

test('what is loaded before the first list is seen stays under 40 kB packed, and everything under 160', () => {
  const shell = [...loadedWith(SHELL)];
  expect(shell.length).toBeGreaterThan(3);
  expect(shell.filter((address) => !files.has(address))).toEqual([]);
  expect(shell.map(sizeOf).reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * KB);
  expect([...files.keys()].map(sizeOf).reduce((sum, size) => sum + size, 0)).toBeLessThan(160 * KB);
});

test('what colours code is a part of its own, under 25 kB, that nothing waits for', () => {
  const coloured = [...files].filter(([, { bytes }]) => bytes.includes('hljs-'));
  expect(coloured.length).toBeGreaterThan(0);
  const [address = '', { packed }] = coloured[0] ?? ['', { packed: Buffer.alloc(0) }];
  expect(packed.length).toBeLessThan(25 * KB);
  const name = address.slice('/assets/'.length);
  for (const [, { bytes }] of files) expect(bytes.toString()).not.toMatch(new RegExp(`(?:from|import)"\\./${name}"`));
});

test('the page holds no script or style of its own, and names nothing outside', () => {
  const html = files.get(SHELL)?.bytes.toString() ?? '';
  expect(html).toContain('<script type="module" src="/assets/page-');
  expect(html).not.toMatch(/<style|style=|<script>|https?:|\{\{/);
});
