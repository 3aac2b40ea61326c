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

test('what is loaded before the first list is seen stays under 40 kB packed, and everything under 120', () => {
  const shell = [...loadedWith(SHELL)];
  expect(shell.length).toBeGreaterThan(3);
  expect(shell.filter((address) => !files.has(address))).toEqual([]);
  expect(shell.map(sizeOf).reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * KB);
  expect([...files.keys()].map(sizeOf).reduce((sum, size) => sum + size, 0)).toBeLessThan(120 * KB);
});

test('the page holds no script or style of its own, and names nothing outside', () => {
  const html = files.get(SHELL)?.bytes.toString() ?? '';
  expect(html).toContain('<script type="module" src="/assets/page-');
  expect(html).not.toMatch(/<style|style=|<script>|https?:|\{\{/);
});
